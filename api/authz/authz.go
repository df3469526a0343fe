// Package authz decides whether a role may call an operation, and which fields of an answer it sees. The policy is the
// table policy.csv, matched by casbin role by role and operation by operation at start-up; what runs on each request is
// a look-up in the finished, immutable table. The fields are those of the table fields.csv, by classes that
// openapi.yaml names with x-sensitive.
//
// The program does not start when an operation of the contract has no rule, a rule names an operation or a role that
// does not exist, or an operation without security is given to roles.
package authz

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"zhitong/api/contract"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

// Anyone is the role in the policy of operations that need no API key.
const Anyone = "anyone"

// Person is the role in the policy of operations that are for people only, about themselves.
const Person = "person"

// Decisions says who may do what. It does not change.
type Decisions struct {
	table map[rule]bool
	of    map[tenants.Role][]string
}

type rule struct {
	role      tenants.Role
	operation string
}

// Load decides every pair of role and operation of openapi.yaml by the embedded policy; once in a program, as
// [contract.Load] reads the contract.
var Load = sync.OnceValues(func() (*Decisions, error) {
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	return newDecisions(c, policyText)
})

func newDecisions(c *contract.Contract, policy string) (*Decisions, error) {
	table, err := decide(c, policy)
	if err != nil {
		return nil, fmt.Errorf("decide who may do what: %w", err)
	}
	d := &Decisions{table: table, of: map[tenants.Role][]string{}}
	for _, role := range vocabulary.Roles() {
		d.of[role] = []string{}
		for _, op := range c.Operations() {
			if table[rule{role, op.ID}] {
				d.of[role] = append(d.of[role], op.ID)
			}
		}
		slices.Sort(d.of[role])
	}
	return d, nil
}

// Of lists the operations that the role may call.
func (d *Decisions) Of(role tenants.Role) []string { return slices.Clone(d.of[role]) }

// May tells whether the role may call the operation. An unknown role or operation may not.
func (d *Decisions) May(role tenants.Role, operation string) bool {
	return d.table[rule{role, operation}]
}

func decide(c *contract.Contract, policy string) (map[rule]bool, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, err
	}
	enforcer, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(uncommented(policy)))
	if err != nil {
		return nil, err
	}
	rules, err := enforcer.GetPolicy()
	if err != nil {
		return nil, err
	}
	if err := complete(c, rules); err != nil {
		return nil, err
	}
	table := map[rule]bool{}
	for _, role := range vocabulary.Roles() {
		for _, op := range c.Operations() {
			ok, err := enforcer.Enforce(string(role), op.ID)
			if err != nil {
				return nil, err
			}
			table[rule{role, op.ID}] = ok
		}
	}
	return table, nil
}

// complete tells every way in which policy and contract do not cover one another.
func complete(c *contract.Contract, rules [][]string) error {
	var errs []error
	ruled, public, personal := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, op := range c.Operations() {
		ruled[op.ID], public[op.ID], personal[op.ID] = false, op.Public, op.Personal
	}
	for _, r := range rules {
		role, operation := r[0], r[1]
		_, exists := ruled[operation]
		switch {
		case !exists:
			errs = append(errs, fmt.Errorf("a rule names the operation %q, which does not exist", operation))
			continue
		case role != Anyone && role != Person && !slices.Contains(vocabulary.Roles(), tenants.Role(role)):
			errs = append(errs, fmt.Errorf("a rule names the role %q, which does not exist", role))
		case (role == Anyone) != public[operation], (role == Person) != personal[operation]:
			errs = append(errs, fmt.Errorf("%s: the rule for %q contradicts the operation's security", operation, role))
		}
		ruled[operation] = true
	}
	for operation, ok := range ruled {
		if !ok {
			errs = append(errs, fmt.Errorf("%s has no rule", operation))
		}
	}
	return errors.Join(errs...)
}

func uncommented(policy string) string {
	return strings.Join(
		slices.DeleteFunc(strings.Split(policy, "\n"), func(l string) bool { return strings.HasPrefix(l, "#") }),
		"\n",
	)
}
