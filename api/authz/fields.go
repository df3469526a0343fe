package authz

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

//go:embed fields.csv
var fieldsText string

// Class is a kind of data that not every role sees; fields.csv says which does.
type Class string

// The classes. A property of openapi.yaml names its class by x-sensitive.
const (
	CardKey         Class = "card_key"
	CheckoutAddress Class = "checkout_address" // whoever has it reads the card keys
	BuyerContact    Class = "buyer_contact"
	Contact         Class = "contact"         // of members, merchants and who applies for them
	AlipayAccount   Class = "alipay_account"  // that receives money
	MaskedAccount   Class = "masked_account"  // that receives money, and nobody reads whole again
	IDNumber        Class = "id_number"       // that nobody reads whole again
	NetworkAddress  Class = "network_address" // from which somebody called; of who reads the audit log
	Metadata        Class = "metadata"        // of the platform's own programs
	Secret          Class = "secret"          // of an API key or webhook endpoint, where it is made
)

// Classes are all classes.
func Classes() []Class {
	return []Class{CardKey, CheckoutAddress, BuyerContact, Contact, AlipayAccount, MaskedAccount, IDNumber,
		NetworkAddress, Metadata, Secret}
}

// Shown is how much of a value is seen.
type Shown string

// How much is seen; what nothing says is absent.
const (
	Plain  Shown = "plain"
	Masked Shown = "masked"
	Absent Shown = "absent"
)

// asRole stands in fields.csv where the creator sees what the role does.
const asRole = "-"

// creator is the column of who made a thing.
const creator = "creator"

// View is how much is seen of each class. The zero View shows nothing.
type View struct{ shown map[Class]Shown }

// Of is how much is seen of a class.
func (v View) Of(c Class) Shown {
	if s, ok := v.shown[c]; ok {
		return s
	}
	return Absent
}

// Without is the view in which the classes are absent.
func (v View) Without(classes ...Class) View {
	shown := maps.Clone(v.shown)
	for _, c := range classes {
		delete(shown, c)
	}
	return View{shown}
}

// Fields says what each role sees. It is immutable.
type Fields struct{ views, creators map[tenants.Role]View }

// NewFields reads the embedded table fields.csv. Whoever sees checkout addresses must be allowed to reveal card keys by
// the policy, and the other way round: the one opens the other.
func NewFields(d *Decisions) (*Fields, error) { return newFields(d, fieldsText) }

func newFields(d *Decisions, table string) (*Fields, error) {
	f, err := readFields(table)
	if err != nil {
		return nil, fmt.Errorf("read who sees which fields: %w", err)
	}
	for _, role := range vocabulary.Roles() {
		for _, c := range []Class{CardKey, CheckoutAddress} {
			if (f.Of(role).Of(c) == Plain) != d.May(role, "getOrderCardKeys") {
				err = errors.Join(err, fmt.Errorf("%s for %s contradicts the policy of getOrderCardKeys", c, role))
			}
		}
	}
	return f, err
}

// Of is what a role sees; [Anyone] is one.
func (f *Fields) Of(role tenants.Role) View { return f.views[role] }

// OfCreator is what a role sees in the answer of the operation by which it made the thing.
func (f *Fields) OfCreator(role tenants.Role) View { return f.creators[role] }

func readFields(table string) (*Fields, error) {
	r := csv.NewReader(strings.NewReader(table))
	r.Comment, r.TrimLeadingSpace = '#', true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	columns := []string{"class"}
	for _, role := range vocabulary.Roles() {
		columns = append(columns, string(role))
	}
	columns = append(columns, creator, Anyone)
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, fmt.Errorf("the columns must be %v", columns)
	}
	cells, err := cellsOf(columns, rows[1:])
	if err != nil {
		return nil, err
	}
	f := &Fields{views: map[tenants.Role]View{}, creators: map[tenants.Role]View{}}
	for _, role := range append(vocabulary.Roles(), Anyone) {
		own, made := map[Class]Shown{}, map[Class]Shown{}
		for _, c := range Classes() {
			own[c], made[c] = Shown(cells[c][string(role)]), Shown(cells[c][string(role)])
			if s := cells[c][creator]; s != asRole {
				made[c] = Shown(s)
			}
		}
		f.views[role], f.creators[role] = View{own}, View{made}
	}
	return f, nil
}

// cellsOf reads the rows by class and column; each class has one.
func cellsOf(columns []string, rows [][]string) (map[Class]map[string]string, error) {
	cells := map[Class]map[string]string{}
	for _, row := range rows {
		c := Class(row[0])
		if !slices.Contains(Classes(), c) || cells[c] != nil {
			return nil, fmt.Errorf("the class %q is unknown or there twice", c)
		}
		cells[c] = map[string]string{}
		for i, s := range row[1:] {
			column := columns[i+1]
			if !slices.Contains([]Shown{Plain, Masked, Absent}, Shown(s)) && !(column == creator && s == asRole) {
				return nil, fmt.Errorf("%s of %s is %q", column, c, s)
			}
			cells[c][column] = s
		}
	}
	if len(cells) != len(Classes()) {
		return nil, fmt.Errorf("%d of %d classes are there", len(cells), len(Classes()))
	}
	return cells, nil
}
