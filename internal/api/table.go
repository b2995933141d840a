package api

// Table lists every endpoint. Only what needs all of them calls it: the laptop,
// the stack, the documents and the tests. A Lambda calls the one function of
// its own endpoint.
func Table() []Endpoint {
	return []Endpoint{
		CreateProject(),
		ListProjects(),
		GetProject(),
		UpdateProject(),
		DeleteProject(),
		DuplicateProject(),
		GetLimits(),
		Pin(),
		ListPinned(),
		Unpin(),
		CreateService(),
		UpsertServices(),
		ListServices(),
		GetService(),
		UpdateService(),
		DeleteService(),
		GetServiceRaw(),
		GetServiceHistory(),
		RestoreService(),
		GetHistory(),
		GetSnapshotDiff(),
		GetProjectDiff(),
		GetEvents(),
		CreateKey(),
		ListKeys(),
		GetKey(),
		GetEntities(),
		GetGraph(),
		GetGraphMermaid(),
		GetGraphSvg(),
		DeleteKey(),
		RotateKey(),
	}
}
