package network

// BulkDeleteInput is a bare array of ids.
type BulkDeleteInput struct {
	Body []UUID `check:"minItems=1,maxItems=10000"`
}

// BulkDeleted says what a bulk delete did.
type BulkDeleted struct {
	DeletedCount   int `json:"deleted_count" doc:"How many there were, and are no more"`
	RequestedCount int `json:"requested_count" doc:"How many ids were sent, repetitions counted"`
}
