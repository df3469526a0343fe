package db_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	pgquery "github.com/wasilibs/go-pgquery/parser"
)

// tree is a node of Postgres's syntax tree, as JSON.
type tree = map[string]any

// faultsOf tells how a statement breaks rules Q1 to Q6 and the rule of locks (docs/scaling.md). tenant tells which
// tables and views have a tenant.
func faultsOf(sql string, tenant func(table string) bool) ([]string, error) {
	text, err := pgquery.ParseToJSON(sql)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	var parsed struct{ Stmts []struct{ Stmt tree } }
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return nil, err
	}
	var all []string
	for _, s := range parsed.Stmts {
		c := checker{tenant: tenant}
		c.walk(s.Stmt, nil)
		c.whole(s.Stmt)
		all = append(all, c.faults...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

type checker struct {
	tenant func(table string) bool
	faults []string
}

func (c *checker) fault(rule, format string, args ...any) {
	c.faults = append(c.faults, rule+" "+fmt.Sprintf(format, args...))
}

// walk visits every node and examines each level: a SELECT, INSERT, UPDATE or DELETE. ctes are the names in scope that
// are no tables.
func (c *checker) walk(n any, ctes []string) {
	switch n := n.(type) {
	case []any:
		for _, e := range n {
			c.walk(e, ctes)
		}
	case tree:
		for kind, v := range n {
			body, ok := v.(tree)
			if !ok {
				c.walk(v, ctes)
				continue
			}
			inner := ctes
			switch kind {
			case "SelectStmt", "larg", "rarg", "InsertStmt", "UpdateStmt", "DeleteStmt":
				if _, isJoin := body["JoinExpr"]; !isJoin {
					inner = append(slices.Clone(ctes), cteNames(body)...)
					c.level(kind, body, inner)
				}
			}
			c.walk(body, inner)
		}
	}
}

func cteNames(level tree) (names []string) {
	with, _ := level["withClause"].(tree)
	for _, e := range list(with["ctes"]) {
		if cte, ok := node(e, "CommonTableExpr"); ok {
			names = append(names, str(cte["ctename"]))
		}
	}
	return names
}

// level examines one level.
func (c *checker) level(kind string, s tree, ctes []string) {
	var tables []ref
	var conditions []any
	items := 0
	var from func(n any)
	from = func(n any) {
		if rv, ok := node(n, "RangeVar"); ok {
			items++
			tables = append(tables, refOf(rv))
		} else if j, ok := node(n, "JoinExpr"); ok {
			from(j["larg"])
			from(j["rarg"])
			conditions = append(conditions, conjuncts(j["quals"])...)
		} else {
			items++
		}
	}
	switch kind {
	case "InsertStmt":
		c.insert(s)
		return
	case "UpdateStmt", "DeleteStmt":
		rel, _ := s["relation"].(tree)
		items++
		tables = append(tables, refOf(rel))
		for _, n := range append(list(s["fromClause"]), list(s["usingClause"])...) {
			from(n)
		}
	default:
		for _, n := range list(s["fromClause"]) {
			from(n)
		}
	}
	conditions = append(conditions, conjuncts(s["whereClause"])...)
	for _, t := range tables {
		if !t.isTenant(c, ctes) {
			continue
		}
		if !slices.ContainsFunc(conditions, func(n any) bool { return namesTenant(n, t.alias, items == 1) }) {
			c.fault("Q1", "%s %s does not say tenant_id = app.tenant_id()", t.name, t.alias)
		}
	}
	for _, n := range list(s["lockingClause"]) {
		if l, ok := node(n, "LockingClause"); ok && l["strength"] == "LCS_FORUPDATE" {
			c.fault("lock", "FOR UPDATE; FOR NO KEY UPDATE does not stop inserts that refer to the row")
		}
	}
}

// ref is a table in a FROM.
type ref struct{ schema, name, alias string }

func refOf(rv tree) ref {
	r := ref{str(rv["schemaname"]), str(rv["relname"]), str(rv["relname"])}
	if a, ok := rv["alias"].(tree); ok {
		r.alias = str(a["aliasname"])
	}
	return r
}

func (r ref) isTenant(c *checker, ctes []string) bool {
	return (r.schema == "" || r.schema == "public") && !slices.Contains(ctes, r.name) && c.tenant(r.name)
}

func (c *checker) insert(s tree) {
	rel, _ := s["relation"].(tree)
	r := refOf(rel)
	if !r.isTenant(c, nil) && r.name != "tenant_directory" {
		return
	}
	cols := list(s["cols"])
	if len(cols) == 0 {
		c.fault("Q2", "INSERT INTO %s names no columns", r.name)
		return
	}
	if first, _ := node(cols[0], "ResTarget"); str(first["name"]) != "tenant_id" {
		c.fault("Q2", "INSERT INTO %s does not name tenant_id first", r.name)
		return
	}
	wrapped, _ := s["selectStmt"].(tree)
	sel, _ := wrapped["SelectStmt"].(tree)
	if rows := list(sel["valuesLists"]); len(rows) > 0 {
		for _, row := range rows {
			l, _ := node(row, "List")
			if values := list(l["items"]); len(values) == 0 || !isTenantCall(values[0]) {
				c.fault("Q2", "INSERT INTO %s does not give tenant_id app.tenant_id()", r.name)
			}
		}
		return
	}
	targets := list(sel["targetList"])
	okay := false
	if len(targets) > 0 {
		t, _ := node(targets[0], "ResTarget")
		if ref, ok := node(t["val"], "ColumnRef"); ok {
			f := fields(ref)
			okay = f[len(f)-1] == "tenant_id" && len(list(sel["fromClause"])) > 0
		}
	}
	if !okay {
		c.fault("Q2", "INSERT INTO %s … SELECT does not take tenant_id from a tenant table", r.name)
	}
	if len(list(s["returningList"])) > 0 {
		c.fault("Q2", "INSERT INTO %s … SELECT with RETURNING", r.name)
	}
	for _, t := range targets {
		if contains(t, "SubLink") {
			c.fault("Q2", "INSERT INTO %s … SELECT with a subselect", r.name)
		}
	}
}

// whole examines what concerns the statement, not a level.
func (c *checker) whole(stmt tree) {
	tenant, river := false, false
	var visit func(n any, within string)
	visit = func(n any, within string) {
		switch n := n.(type) {
		case []any:
			for _, e := range n {
				visit(e, within)
			}
		case tree:
			for kind, v := range n {
				body, _ := v.(tree)
				inside := within
				switch kind {
				case "RangeVar", "relation":
					r := refOf(body)
					tenant = tenant || (r.schema == "" && c.tenant(r.name))
					river = river || (r.schema == "river" && within != "materialized")
				case "CommonTableExpr":
					if body["ctematerialized"] == "CTEMaterializeAlways" {
						inside = "materialized"
					}
					if contains(body["ctequery"], "InsertStmt") {
						c.fault("Q5", "INSERT in a CTE")
					}
				case "CaseExpr":
					if body["arg"] != nil {
						c.fault("Q5", "CASE x WHEN …; write CASE WHEN x = …")
					}
					inside = "expression"
				case "A_Expr", "CoalesceExpr":
					inside = "expression"
				case "FuncCall":
					name := last(body["funcname"])
					if name == "now" && within == "expression" && !river {
						c.fault("Q4", "now() is compared or chosen; the time is a parameter")
					}
					if strings.Contains(name, "advisory") {
						c.fault("Q6", "an advisory lock")
					}
				case "SQLValueFunction":
					if within == "expression" {
						c.fault("Q4", "the current time is compared or chosen; the time is a parameter")
					}
				case "ColumnRef":
					if f := fields(body); f[len(f)-1] == "ctid" || f[len(f)-1] == "xmin" {
						c.fault("Q6", "%s", f[len(f)-1])
					}
				case "CopyStmt", "DeclareCursorStmt", "ListenStmt", "NotifyStmt":
					c.fault("Q6", "%s", kind)
				}
				visit(v, inside)
			}
		}
	}
	visit(stmt, "")
	if tenant && river {
		c.fault("Q3", "a tenant table and one of schema river in one statement")
	}
	if !tenant { // now() in a statement on local tables is one moment
		c.faults = slices.DeleteFunc(c.faults, func(f string) bool { return strings.HasPrefix(f, "Q4") })
	}
}

// conjuncts takes an AND apart.
func conjuncts(n any) []any {
	b, ok := node(n, "BoolExpr")
	if !ok || b["boolop"] != "AND_EXPR" {
		return []any{n}
	}
	var all []any
	for _, a := range list(b["args"]) {
		all = append(all, conjuncts(a)...)
	}
	return all
}

// namesTenant tells whether a condition is alias.tenant_id = app.tenant_id(); alone, the alias may be left out.
func namesTenant(n any, alias string, alone bool) bool {
	e, ok := node(n, "A_Expr")
	if !ok || e["kind"] != "AEXPR_OP" || last(e["name"]) != "=" {
		return false
	}
	l, r := e["lexpr"], e["rexpr"]
	if isTenantCall(l) {
		l, r = r, l
	}
	col, ok := node(l, "ColumnRef")
	if !ok || !isTenantCall(r) {
		return false
	}
	f := fields(col)
	return slices.Equal(f, []string{alias, "tenant_id"}) || alone && slices.Equal(f, []string{"tenant_id"})
}

func isTenantCall(n any) bool {
	f, ok := node(n, "FuncCall")
	if !ok || len(list(f["args"])) > 0 {
		return false
	}
	var parts []string
	for _, p := range list(f["funcname"]) {
		s, _ := node(p, "String")
		parts = append(parts, str(s["sval"]))
	}
	return slices.Equal(parts, []string{"app", "tenant_id"})
}

func contains(n any, kind string) bool {
	switch n := n.(type) {
	case []any:
		return slices.ContainsFunc(n, func(e any) bool { return contains(e, kind) })
	case tree:
		for k, v := range n {
			if k == kind || contains(v, kind) {
				return true
			}
		}
	}
	return false
}

func fields(columnRef tree) []string {
	parts := []string{}
	for _, p := range list(columnRef["fields"]) {
		s, _ := node(p, "String")
		parts = append(parts, str(s["sval"]))
	}
	return append([]string{}, parts...)
}

func last(names any) string {
	l := list(names)
	if len(l) == 0 {
		return ""
	}
	s, _ := node(l[len(l)-1], "String")
	return str(s["sval"])
}

func node(n any, kind string) (tree, bool) {
	m, _ := n.(tree)
	b, ok := m[kind].(tree)
	return b, ok
}

func list(n any) []any {
	l, _ := n.([]any)
	return l
}

func str(n any) string {
	s, _ := n.(string)
	return s
}
