package db

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// tenantToken is how every statement names the tenant. In psql it calls the function of that name; a TenantTx puts a
// parameter in its place, so that the planner, and the coordinator of a distributed database, see a value.
const tenantToken = "app.tenant_id()"

var (
	parameter = regexp.MustCompile(`\$([0-9]+)`)
	// bound are the statements with the parameter in, by their text as sqlc wrote it. Statements are constants, so
	// there are as many as the program has.
	bound sync.Map
)

// bindTenant gives the statement with a parameter of its own for the tenant, after those that it has.
func bindTenant(sql string) string {
	if s, ok := bound.Load(sql); ok {
		return s.(string)
	}
	last := 0
	for _, m := range parameter.FindAllStringSubmatch(sql, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			last = max(last, n)
		}
	}
	s, _ := bound.LoadOrStore(sql, strings.ReplaceAll(sql, tenantToken, "$"+strconv.Itoa(last+1)+"::uuid"))
	return s.(string)
}

// bind gives what is sent for a statement: in a tenant's transaction the tenant is the last argument.
func (p *pipeline) bind(sql string, args []any) (string, []any) {
	if p.tenant == nil || !strings.Contains(sql, tenantToken) {
		return sql, args
	}
	return bindTenant(sql), append(args[:len(args):len(args)], p.tenant)
}

// nameOf is the name that db/queries gives a statement, or its first words.
func nameOf(sql string) string {
	const prefix = "-- name: "
	if rest, ok := strings.CutPrefix(sql, prefix); ok {
		name, _, _ := strings.Cut(rest, " ")
		return name
	}
	words := strings.Fields(sql)
	return strings.Join(words[:min(len(words), 3)], " ")
}

// named says which statement failed. Every error of a query passes here, so that callers need not say it again.
func named(sql string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("query %s: %w", nameOf(sql), err)
}
