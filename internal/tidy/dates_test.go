package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// aFixedDate is the comment that lets a fixed date stand beside a running clock. It ends in the reason why no day makes
// a difference.
const aFixedDate = "any day: "

// fixedDate is a day, as texts write it: 2026-11-24, 20261124, 2026-11. The year 2006 is that of Go's layouts.
var fixedDate = regexp.MustCompile(`(^|\D)20([1-9]\d|0[0-57-9])` +
	`(-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])|-(0[1-9]|1[0-2]))(\D|$)`)

// mixes names every place of test code where a fixed date meets a clock that runs. Such a test passes until its day
// comes.
//
// A function runs a clock when it makes one, or calls a function that does: of its own package, or of a package that
// tests are made with. A clock that stands at a fixed date from its first moment, clock.FrozenAt, is not a running one.
func mixes(all []source) (found []string) {
	type fn struct {
		s    source
		name string
		body ast.Node
	}
	byPackage := map[string]map[string]fn{}
	for _, s := range all {
		if !testCode(s) {
			continue
		}
		dir := path.Dir(s.path)
		if byPackage[dir] == nil {
			byPackage[dir] = map[string]fn{}
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					name = s.path + ":" +
						strconv.Itoa(int(d.Pos())) // a method is checked, but whoever calls it is not known
				}
				if d.Body != nil {
					byPackage[dir][name] = fn{s, d.Name.Name, d.Body}
				}
			case *ast.GenDecl: // var shared = sync.OnceValue(func() …)
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						byPackage[dir][v.Names[0].Name] = fn{s, v.Names[0].Name, v}
					}
				}
			}
		}
	}
	for _, functions := range byPackage {
		running := map[string]bool{}
		for grown := true; grown; {
			grown = false
			for name, f := range functions {
				if !running[name] && runsClock(f.body, running) {
					running[name], grown = true, true
				}
			}
		}
		for name, f := range functions {
			for _, c := range freezes(f.body) {
				found = append(found, f.s.at(c)+": a clock that ran is frozen at a date of its own: take "+
					"clock.FrozenAt, before anything has seen the clock")
			}
			if !running[name] {
				continue
			}
			for _, n := range dates(f.body) {
				if !excused(f.s, n) {
					found = append(found, f.s.at(n)+": "+f.name+" has a fixed date and a running clock: take "+
						"clock.FrozenAt, reckon from the clock's Now, "+
						"or say in a comment “"+aFixedDate+"…” why no day makes a difference")
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

func testCode(s source) bool {
	return s.test() || slices.Contains(testOnly(), path.Dir(s.path))
}

// runsClock: new(clock.Movable), clock.Movable{}, var c clock.Movable, clock.System{}, a simulator that was given no
// clock, or a call of what has one.
func runsClock(body ast.Node, running map[string]bool) (runs bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			runs = runs || ok && x.Name == "clock" && slices.Contains([]string{"Movable", "System"}, n.Sel.Name)
			runs = runs || ok && slices.Contains([]string{"tenantstest", "apitest"}, x.Name) &&
				strings.HasPrefix(n.Sel.Name, "New")
		case *ast.CompositeLit:
			s, ok := n.Type.(*ast.SelectorExpr)
			runs = runs || ok && s.Sel.Name == "Config" && isIdent(s.X, "simulator") && !hasField(n, "Clock")
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.Ident)
			runs = runs || ok && running[f.Name]
		}
		return !runs
	})
	return runs
}

func isIdent(e ast.Expr, name string) bool {
	x, ok := e.(*ast.Ident)
	return ok && x.Name == name
}

func hasField(c *ast.CompositeLit, name string) bool {
	return slices.ContainsFunc(c.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		return ok && isIdent(kv.Key, name)
	})
}

// freezes are the calls of Freeze whose instant is not reckoned from a clock.
func freezes(body ast.Node) (out []*ast.CallExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) != 1 {
			return true
		}
		if f, ok := c.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "Freeze" {
			return true
		}
		reckoned := false
		ast.Inspect(c.Args[0], func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			reckoned = reckoned || ok && s.Sel.Name == "Now"
			return true
		})
		if !reckoned {
			out = append(out, c)
		}
		return true
	})
	return out
}

// dates are the fixed dates in a function, but those at which a clock is frozen from the beginning.
func dates(body ast.Node) (out []ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, _ := f.X.(*ast.Ident)
			if x != nil && x.Name == "clock" && f.Sel.Name == "FrozenAt" {
				return false
			}
			if x != nil && x.Name == "time" && f.Sel.Name == "Date" {
				if _, literal := n.Args[0].(*ast.BasicLit); literal {
					out = append(out, n)
				}
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && fixedDate.MatchString(n.Value) {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}

// excused: a comment on the line, or on the one above it, says why the day makes no difference.
func excused(s source, n ast.Node) bool {
	line := s.set.Position(n.Pos()).Line
	for _, g := range s.file.Comments {
		if strings.Contains(g.Text(), aFixedDate) &&
			slices.Contains([]int{line, line - 1}, s.set.Position(g.End()).Line) {
			return true
		}
	}
	return false
}

func TestNoFixedDateMeetsARunningClock(t *testing.T) {
	t.Parallel()
	for _, m := range mixes(sources(t)) {
		t.Error(m)
	}
}

// TestNoFixedDateMeetsARunningClockControl: the rule sees what it is for, and lets through what is harmless.
func TestNoFixedDateMeetsARunningClockControl(t *testing.T) {
	t.Parallel()
	const helpers = "\nfunc newWorld(c *clock.Movable) {}\nfunc running() { newWorld(new(clock.Movable)) }\nvar " +
		"shared = once(func() { running() })\n"
	for body, want := range map[string]int{
		`running(); ask("2026-11-24")`: 1,
		`running(); ask("20261124")`:   1,
		`running(); ask("2026-11")`:    1,
		`c := clock.System{}; ask(c, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))`: 1,
		`w := tenantstest.NewRoad(t); ask(w, "2026-11-24")`:                          1,
		`w.clk.Freeze(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))`:               1,
		`w.clk.Freeze(noon)`:                       1,
		`w.clk.Freeze(w.clk.Now().Add(time.Hour))`: 0,
		`newWorld(clock.FrozenAt(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))); ask("2026-01-02")`: 0,
		`simulator.New(simulator.Config{Dir: dir}); ask("2026-11-24")`:                             1,
		`simulator.New(simulator.Config{Clock: c}); ask("2026-11-24")`:                             0,
		`shared(); ask("2026-11-24")`:                                                              1,
		`parse("2026-11-24")`:                                                                      0,
		`running(); at.Format("2006-01-02")`:                                                       0,
		`running(); ask("2026-11-24") // any day: it is echoed`:                                    0,
		`running(); ask("2021000000000001", "2026010222001400000000000999")`:                       0,
		`running(); at := w.clk.Now(); ask(time.Date(at.Year(), 1, 1, 0, 0, 0, 0, zone))`:          0,
	} {
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, "some/x_test.go", "package x\n"+helpers+"func TestX() {\n"+body+"\n}\n",
			parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if have := mixes([]source{{path: "some/x_test.go", file: f, set: set}}); len(have) != want {
			t.Errorf("%s: %d findings, want %d: %q", body, len(have), want, have)
		}
	}
}

// TestNoLocalTime: what depends on the zone of the machine differs from one machine to the next. Days are days of
// Beijing, said by name; all else is UTC.
func TestNoLocalTime(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			if e, ok := n.(*ast.SelectorExpr); ok {
				x, _ := e.X.(*ast.Ident)
				if zone := x != nil && x.Name == "time" &&
					slices.Contains([]string{"Local", "LoadLocation"}, e.Sel.Name); zone {
					t.Errorf("%s: time.%s: UTC, or Beijing's zone by its offset", s.at(e), e.Sel.Name)
				}
			}
			if c, ok := n.(*ast.CallExpr); ok && len(c.Args) == 0 {
				if e, ok := c.Fun.(*ast.SelectorExpr); ok && e.Sel.Name == "Local" {
					t.Errorf("%s: .Local(): UTC, or Beijing's zone by its offset", s.at(e))
				}
			}
			return true
		})
	}
}
