package api

// Table lists every endpoint. Only what needs all of them calls it: the laptop,
// the stack, the documents and the tests. A Lambda calls the one function of
// its own endpoint.
func Table() []Endpoint {
	return []Endpoint{
		// projects
		CreateProject(),
		ListProjects(),
		GetProject(),
		UpdateProject(),
		DeleteProject(),
		DuplicateProject(),
		GetLimits(),

		// pins
		Pin(),
		ListPinned(),
		Unpin(),

		// services
		CreateService(),
		UpsertServices(),
		ListServices(),
		GetService(),
		UpdateService(),
		DeleteService(),
		GetServiceRaw(),
		GetServiceHistory(),
		GetServiceNetwork(),
		RestoreService(),

		// history
		GetHistory(),
		GetSnapshotDiff(),
		GetProjectDiff(),
		GetEvents(),

		// the graph
		GetEntities(),
		GetGraph(),
		GetGraphMermaid(),
		GetGraphSvg(),

		// sharing
		CreateShareToken(),
		GetShareToken(),
		DeleteShareToken(),
		ListPublicServices(),
		GetPublicService(),
		GetPublicServiceRaw(),
		GetPublicServiceHistory(),
		GetPublicEntities(),
		GetPublicGraph(),
		GetPublicGraphMermaid(),
		GetPublicGraphSvg(),
		GetPublicHistory(),

		// keys
		CreateKey(),
		ListKeys(),
		GetKey(),
		DeleteKey(),
		RotateKey(),

		// networks
		ListNetworks(),
		CreateNetwork(),
		GetNetwork(),
		UpdateNetwork(),
		DeleteNetwork(),
		BulkDeleteNetworks(),
		ExportNetworks(),
		GetNetworkDiff(),

		// hosts
		ListHosts(),
		CreateHost(),
		GetHost(),
		UpdateHost(),
		DeleteHost(),
		BulkDeleteHosts(),
		ConsolidateHosts(),
		ExportHosts(),

		// interfaces
		ListInterfaces(),
		CreateInterface(),
		GetInterface(),
		UpdateInterface(),
		DeleteInterface(),
		BulkDeleteInterfaces(),
		ExportInterfaces(),

		// ports
		ListPorts(),
		CreatePort(),
		GetPort(),
		UpdatePort(),
		DeletePort(),
		BulkDeletePorts(),
		ExportPorts(),

		// services of the network
		ListNetworkServices(),
		CreateNetworkService(),
		GetNetworkService(),
		UpdateNetworkService(),
		DeleteNetworkService(),
		BulkDeleteNetworkServices(),
		GetNetworkServiceHistory(),
		ExportNetworkServices(),

		// bindings
		ListBindings(),
		CreateBinding(),
		GetBinding(),
		UpdateBinding(),
		DeleteBinding(),
		BulkDeleteBindings(),
		ExportBindings(),

		// subnets
		ListSubnets(),
		CreateSubnet(),
		GetSubnet(),
		UpdateSubnet(),
		DeleteSubnet(),
		BulkDeleteSubnets(),
		ExportSubnets(),

		// tags
		ListTags(),
		CreateTag(),
		GetTag(),
		UpdateTag(),
		DeleteTag(),
		BulkDeleteTags(),
		ExportTags(),
		AssignTags(),
		BulkAddTag(),
		BulkRemoveTag(),

		// kinds of services
		GetServiceDefinition(),
		PutServiceDefinition(),
		DeleteServiceDefinition(),
		GetMetadata(),
		GetVersion(),
	}
}
