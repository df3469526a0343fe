package access

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// CodeSecondPerson is the code of what nobody may confirm who asked for it.
const CodeSecondPerson fault.Code = "second_person_required"

func secondPersonFault() fault.Definition {
	return fault.Definition{Code: CodeSecondPerson, Status: http.StatusConflict, Title: "A second person is required",
		TitleZh: "需要另一人确认",
		Meaning: "Who asked cannot confirm: not with the same key or session, not as the same member, not with a " +
			"key that goes back to the same key or member, whoever made or rolled it in between, and not as a " +
			"member or with a key that was made after it was asked.",
		MeaningZh: "申请人不能自己确认：同一密钥或会话、同一成员、由同一密钥或成员（直接或间接）创建或更换过的密钥，" +
			"以及申请之后新增的成员或创建的密钥都不行。"}
}

// madeMax bounds how many callers it is followed through who made a key, who made that key, and so on.
const madeMax = 1000

// Asked is who asked for something that a second person confirms.
type Asked struct {
	By   string    // as the audit log names callers
	ByID uuid.UUID // of PersonOf
	At   time.Time // by Postgres's clock
}

// PersonOf is who calls, for telling two persons apart: the member of a session, or the key.
func PersonOf(a tenants.Actor) uuid.UUID {
	if m := a.Caller.Member(); !m.IsZero() {
		return uuid.UUID(m)
	}
	return a.Caller.ID()
}

// OtherPerson returns second_person_required when who confirms may be who asked: the same caller or member; a key or
// member that is younger than what was asked; or keys that go back to the same key or member. Who has a key can make
// and roll others: of all that come from one, none is a second person's.
func OtherPerson(ctx context.Context, tx db.TenantTx, a tenants.Actor, asked Asked) error {
	same, err := samePerson(ctx, tx, a, asked)
	if err != nil {
		return fmt.Errorf("tell two persons apart: %w", err)
	}
	if same {
		return fault.New(CodeSecondPerson, "It was asked for by %s.", asked.By)
	}
	return nil
}

func samePerson(ctx context.Context, tx db.TenantTx, a tenants.Actor, asked Asked) (bool, error) {
	if PersonOf(a) == asked.ByID {
		return true, nil
	}
	if young, err := q.CallerYounger(ctx, tx, PersonOf(a), asked.At); err != nil || young {
		return young, err
	}
	first, err := goesBack(ctx, tx, asked.By)
	if err != nil {
		return false, err
	}
	second, err := goesBack(ctx, tx, audit.Actor(a).ID)
	for caller := range second {
		if first[caller] {
			return true, nil
		}
	}
	return false, err
}

// goesBack are all who have had a caller's secret, as the audit log names callers: the caller, who made or rolled the
// key, and who made or rolled theirs.
func goesBack(ctx context.Context, tx db.TenantTx, caller string) (map[string]bool, error) {
	seen := map[string]bool{caller: true}
	next := []string{caller}
	for len(next) > 0 {
		if len(seen) > madeMax {
			return nil, fmt.Errorf("%s goes back to more than %d callers", caller, madeMax)
		}
		key, err := id.Parse[id.APIKey](next[0])
		next = next[1:]
		if err != nil { // a member, who was made by nobody
			continue
		}
		r, err := q.APIKeyMaker(ctx, tx, key)
		if db.IsNoRows(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read who made a key: %w", err)
		}
		for _, by := range append(r.RolledBy, r.CreatedBy) {
			if by != "" && !seen[by] {
				seen[by] = true
				next = append(next, by)
			}
		}
	}
	return seen, nil
}
