package tenants_test

import (
	"testing"

	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// TestPermissions compares every pair of levels of a resource: what allows, what may be given, and what is stored.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const r = vocabulary.ResourceOrders
	for i, has := range vocabulary.Levels() {
		p := tenants.Permissions{r: has}
		for j, asked := range vocabulary.Levels() {
			if p.Allow(r, asked) != (i >= j) {
				t.Errorf("%s allows %s: %v", has, asked, p.Allow(r, asked))
			}
			_, level, lacks := p.Lack(tenants.Permissions{r: asked})
			if lacks != (j > i) || lacks && i == 0 && level != vocabulary.LevelRead {
				t.Errorf("%s lacks of %s: %v %s", has, asked, lacks, level)
			}
		}
		if back := tenants.ReadPermissions(p.Texts()); back[r] != has || len(back) != len(vocabulary.Resources()) {
			t.Errorf("%v is read back as %v", p, back)
		}
	}
	all := tenants.Permissions{}
	for _, r := range vocabulary.Resources() {
		all[r] = vocabulary.LevelWrite
	}
	var none tenants.Permissions
	for name, ok := range map[string]bool{
		"nil allows everything":        none.Allow(r, vocabulary.LevelWrite),
		"empty allows nothing":         !tenants.Permissions{}.Allow(r, vocabulary.LevelRead),
		"an unknown level is none":     !tenants.Permissions{r: "all"}.Allow(r, vocabulary.LevelRead),
		"everything may give nil":      lacksNothing(all, nil),
		"less may not":                 !lacksNothing(tenants.Permissions{r: vocabulary.LevelWrite}, nil),
		"nil is stored as NULL":        none.Texts() == nil && tenants.ReadPermissions(nil) == nil,
		"empty is stored":              tenants.ReadPermissions(tenants.Permissions{}.Texts()) != nil,
		"nil says nothing in a hash":   none.String() == "",
		"empty says that it is narrow": tenants.Permissions{}.String() == "none",
	} {
		if !ok {
			t.Errorf("not so: %s", name)
		}
	}
}

func lacksNothing(p, other tenants.Permissions) bool {
	_, _, lacks := p.Lack(other)
	return !lacks
}
