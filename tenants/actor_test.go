package tenants_test

import (
	"testing"

	"github.com/google/uuid"

	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// TestCaller: a caller is a key or a session, and the audit log names the key or the person.
func TestCaller(t *testing.T) {
	t.Parallel()
	key, session, member := id.New[id.APIKey](), id.New[id.Session](), id.New[id.Member]()
	for _, c := range []struct {
		caller tenants.Caller
		kind   vocabulary.CallerKind
		id     uuid.UUID
		member id.Member
		text   string
		actor  vocabulary.ActorKind
		named  string
	}{
		{tenants.ByKey(key), vocabulary.CallerAPIKey, key.UUID(), id.Member{}, key.String(), vocabulary.ActorAPIKey,
			key.String()},
		{tenants.BySession(session, member), vocabulary.CallerSession, session.UUID(), member, session.String(),
			vocabulary.ActorMember, member.String()},
	} {
		actor, named := c.caller.AuditActor()
		if c.caller.Kind() != c.kind || c.caller.ID() != c.id || c.caller.Member() != c.member ||
			c.caller.String() != c.text || actor != c.actor || named != c.named || c.caller.IsZero() {
			t.Errorf("%s: %+v, audited as %s %s", c.text, c.caller, actor, named)
		}
	}
	if tenants.ByKey(key) != tenants.ByKey(key) ||
		tenants.ByKey(id.APIKey(session)) == tenants.BySession(session, member) {
		t.Error("callers cannot be compared")
	}
	if c := (tenants.Caller{}); !c.IsZero() || c.String() != "nobody" {
		t.Errorf("the zero caller is %s", c)
	}
}
