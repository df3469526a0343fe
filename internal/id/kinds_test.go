package id_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zhitong/internal/id"
)

// TestVectors are the valid examples of the TypeID specification.
func TestVectors(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"00000000000000000000000000": "00000000-0000-0000-0000-000000000000",
		"00000000000000000000000001": "00000000-0000-0000-0000-000000000001",
		"0000000000000000000000000a": "00000000-0000-0000-0000-00000000000a",
		"0000000000000000000000000g": "00000000-0000-0000-0000-000000000010",
		"00000000000000000000000010": "00000000-0000-0000-0000-000000000020",
		"7zzzzzzzzzzzzzzzzzzzzzzzzz": "ffffffff-ffff-ffff-ffff-ffffffffffff",
		"0123456789abcdefghjkmnpqrs": "0110c853-1d09-52d8-d73e-1194e95b5f19",
		"01h455vb4pex5vsknk084sn02q": "01890a5d-ac96-774b-bcce-b302099a8057",
	} {
		u := uuid.MustParse(text)
		if have := id.Order(u).String(); have != "ord_"+want {
			t.Errorf("%s is written %s, want ord_%s", text, have, want)
		}
		if have, err := id.Parse[id.Order]("ord_" + want); err != nil || have != id.Order(u) {
			t.Errorf("ord_%s is read as %s, %v", want, have.UUID(), err)
		}
	}
}

// TestKinds: every kind has a name and a prefix of its own, and is in the list.
func TestKinds(t *testing.T) {
	t.Parallel()
	names, prefixes := map[string]bool{}, map[string]bool{}
	for _, k := range id.Kinds() {
		if names[k.Name] || prefixes[k.Prefix] {
			t.Errorf("%+v has the name or the prefix of another kind", k)
		}
		names[k.Name], prefixes[k.Prefix] = true, true
		if !regexp.MustCompile("^[a-z]{3,4}$").MatchString(k.Prefix) ||
			!regexp.MustCompile("^[a-z_]+$").MatchString(k.Name) {
			t.Errorf("%+v: a prefix has three or four letters, a name is in snake_case", k)
		}
		u := uuid.Must(uuid.NewV7())
		text := k.Text(u)
		if back, err := k.Parse(text); err != nil || back != u || !regexp.MustCompile(k.Pattern()).MatchString(text) {
			t.Errorf("%s: read back %s, %v", text, back, err)
		}
		if found, of, err := id.Name(text); err != nil || found != k || of != u {
			t.Errorf("%s is named %+v %s, %v", text, found, of, err)
		}
		if found, ok := id.ByPattern(k.Pattern()); !ok || found != k {
			t.Errorf("the pattern of %+v leads to %+v", k, found)
		}
		if id.TextOf(k.Name, u) != text {
			t.Errorf("%s is not found by its name", k.Name)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "kinds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.TypeSpec); ok && s.Assign.IsValid() {
			declared++
		}
		return true
	})
	if declared != len(id.Kinds()) {
		t.Errorf("%d types of identifiers are declared, and %d kinds listed", declared, len(id.Kinds()))
	}
}

// TestWords: whoever sends a wrong id is told which one belongs here, and what was sent when it is known.
func TestWords(t *testing.T) {
	t.Parallel()
	m := id.New[id.Merchant]()
	for text, want := range map[string]string{
		m.String():        "this is the id of a merchant (mer_…); the id of an order begins with ord_",
		m.UUID().String(): "the id of an order is ord_ and 26 characters",
		"<script>_x":      "the id of an order is ord_ and 26 characters",
	} {
		if _, err := id.Parse[id.Order](text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := id.Parse[id.APIKey](""); err == nil ||
		!strings.HasPrefix(err.Error(), "the id of an API key is key_") {
		t.Errorf("an API key's: %v", err)
	}
}
