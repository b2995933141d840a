package tenant

import (
	"fmt"
	"strings"
)

// CheckWorkspaceName says what is wrong with a name for a workspace.
func CheckWorkspaceName(name string) error {
	if name == "" || len(name) > 63 || strings.Trim(name, base62+"._-") != "" || strings.Trim(name[:1], base62) != "" {
		return fmt.Errorf("a workspace name is 1 to 63 letters, digits, dots, hyphens and underscores and begins with a letter or digit, not %.70q", name)
	}
	return nil
}
