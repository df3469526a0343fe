package onboarding

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"zhitong/tenants"
)

// changed are the fields of a form that a change touched, for the audit log. Every value is masked: most of a form is
// personal, and what is not can be read in the form.
func changed(before, after Form) (out tenants.Changes, err error) {
	b, err := texts(before)
	if err != nil {
		return nil, err
	}
	a, err := texts(after)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(b)
	maps.Copy(all, a)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if b[name] != a[name] {
			out = append(out, tenants.Change{
				Field: name, Before: tenants.Masked(b[name]), After: tenants.Masked(a[name]),
			})
		}
	}
	return out, nil
}

// texts are the fields of a form by name; what is empty is not there.
func texts(f Form) (map[string]string, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	out := map[string]string{}
	for name, v := range fields {
		switch v := v.(type) {
		case nil:
		case string:
			if v != "" {
				out[name] = v
			}
		default:
			part, err := json.Marshal(v)
			if err != nil {
				return nil, fmt.Errorf("write %s of the form: %w", name, err)
			}
			out[name] = string(part)
		}
	}
	return out, nil
}
