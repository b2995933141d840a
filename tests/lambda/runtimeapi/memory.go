package runtimeapi

import (
	"fmt"
	"os"
	"strings"
)

// PeakMemory is the most of the machine's memory that the process has held, in
// bytes, as Linux counts it.
func (f *Function) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	if _, err := fmt.Sscan(peak, &kib); err != nil {
		return 0, fmt.Errorf("the process tells no VmHWM: %w", err)
	}
	return kib << 10, nil
}
