package contract_test

import (
	"slices"
	"testing"
)

// TestSecretsAreMarked holds what opens a door to its mark in the contract, and the mark to its effect.
func TestSecretsAreMarked(t *testing.T) {
	t.Parallel()
	c, doc := load(t)
	for name, s := range doc.Components.Schemas {
		for field, p := range s.Value.Properties {
			marked, _ := p.Value.Extensions["x-secret"].(bool)
			if slices.Contains([]string{"secret", "card_key"}, field) && !marked {
				t.Errorf("%s.%s is not marked x-secret", name, field)
			}
		}
	}
	for _, o := range c.Operations() {
		want := slices.Contains([]string{"createTenant", "createAPIKey", "createWebhookEndpoint", "getOrderCardKeys"},
			o.ID)
		if want && !o.Secret {
			t.Errorf("%s answers no secret", o.ID)
		}
	}
	if c.Operation("GET", "/v1/orders").Secret {
		t.Error("listOrders answers a secret")
	}
}
