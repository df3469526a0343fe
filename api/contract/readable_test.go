package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// unread are the kinds of identifiers that no operation reads by themselves, and why.
func unread() map[string]string {
	return map[string]string{
		"SessionId":    "listSessions has all of a person",
		"PasskeyId":    "listFactors has all of a person",
		"PersonId":     "a person reads themselves: getSession",
		"InvitationId": "listInvitations has all that is known of one",
		"TenantId":     "a caller has one tenant: getTenant",
		"PostingId":    "nothing points to a posting; listOrderPostings has them all",
		"NoticeId":     "listNotices has all that is known of one",
		"AuditEntryId": "nothing points to an entry; listAuditLog has them all",
		"CaseNoteId":   "getCase has all notes of a case",
	}
}

// TestEveryIdentifierLeadsSomewhere demands, for each kind of identifier that an answer has, an operation that reads
// what it names: GET with a path that ends in it.
func TestEveryIdentifierLeadsSomewhere(t *testing.T) {
	t.Parallel()
	_, doc := load(t)
	read, answered := map[string]bool{}, map[string]bool{}
	for _, path := range doc.Paths.Map() {
		for method, op := range path.Operations() {
			for _, p := range op.Parameters {
				if method == "GET" && p.Value.In == "path" {
					read[kind(p.Value.Schema)] = true
				}
			}
			for status, r := range op.Responses.Map() {
				if status[0] == '2' && r.Value.Content.Get("application/json") != nil {
					identifiers(r.Value.Content.Get("application/json").Schema, answered, map[*openapi3.Schema]bool{})
				}
			}
		}
	}
	if len(answered) < 15 {
		t.Fatalf("only %d kinds of identifiers in answers", len(answered))
	}
	for _, k := range slices.Sorted(maps.Keys(answered)) {
		if why := unread()[k]; read[k] == (why != "") {
			t.Errorf("%s: read by an operation: %v, reason not to: %q", k, read[k], why)
		}
	}
}

// kind is the name of a schema that is an identifier, or "".
func kind(s *openapi3.SchemaRef) string {
	name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
	if s.Ref == "" || !strings.HasSuffix(name, "Id") {
		return ""
	}
	return name
}

// identifiers collects the kinds of identifiers in an answer.
func identifiers(s *openapi3.SchemaRef, into map[string]bool, seen map[*openapi3.Schema]bool) {
	if s == nil || s.Value == nil {
		return
	}
	if k := kind(s); k != "" {
		into[k] = true
		return
	}
	if seen[s.Value] {
		return
	}
	seen[s.Value] = true
	identifiers(s.Value.Items, into, seen)
	for _, p := range s.Value.Properties {
		identifiers(p, into, seen)
	}
	for _, all := range s.Value.AllOf {
		identifiers(all, into, seen)
	}
}
