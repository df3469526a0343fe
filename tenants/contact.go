package tenants

import "strings"

// NormalContact is a buyer's contact in the notation that it is kept and found by: an e-mail address in lower case, a
// number without spaces and hyphens.
func NormalContact(s string) string {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "@") {
		return strings.ToLower(s)
	}
	digits := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s)
	if strings.Trim(digits, "+0123456789") == "" {
		return digits
	}
	return s
}
