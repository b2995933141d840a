package main

import (
	"time"

	"almanac/internal/api"
)

// maintenance removes what was deleted and writes checkpoints, some seconds
// after the writes that make it due. Nobody waits for it, so many writes are
// gathered for one look at their project.
var maintenance = reader{
	mapping: "Maintenance",
	function: function{
		id: api.Maintainer, description: "Removes what was deleted, and writes checkpoints", memoryMB: 1024, timeout: 2 * time.Minute,
		actions: grants(api.MayGet | api.MayRange | api.MayPut | api.MayDelete | api.MayCheck),
	},
	batch:  1000,
	window: 30 * time.Second,
	// By then a delete counts as overdue, and any other write brings it up again.
	trying: time.Hour,
}
