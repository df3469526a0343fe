package docs

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"zhitong/api/contract"
)

// served is the contract as strangers and their tools get it: without what only our own generator reads (x-go-…), with
// every error code of an operation, and with open enumerations. The known values of an open enumeration stand in
// x-extensible-enum, so that no client refuses a value of a later version.
func served(text string, operations []*contract.Operation) (string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", fmt.Errorf("read the contract: %w", err)
	}
	codes := map[string]*contract.Operation{}
	for _, o := range operations {
		codes[o.ID] = o
	}
	publish(&document, codes)
	var b bytes.Buffer
	to := yaml.NewEncoder(&b)
	to.SetIndent(2)
	if err := to.Encode(&document); err != nil {
		return "", fmt.Errorf("write the contract: %w", err)
	}
	return b.String(), nil
}

func publish(n *yaml.Node, operations map[string]*contract.Operation) {
	for _, child := range n.Content {
		publish(child, operations)
	}
	if n.Kind != yaml.MappingNode {
		return
	}
	extensible := value(n, "x-extensible") != nil
	operation := value(n, "operationId")
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case strings.HasPrefix(k.Value, "x-go-"), k.Value == "x-extensible":
			continue
		case k.Value == "enum" && extensible:
			k.Value = "x-extensible-enum"
		case k.Value == "x-error-codes" && operation != nil:
			if o := operations[operation.Value]; o != nil {
				// A list of texts can always be encoded.
				_ = v.Encode(o.Codes)
			}
		}
		kept = append(kept, k, v)
	}
	n.Content = kept
}

// value is the value of a field of a mapping; nil when there is none.
func value(mapping *yaml.Node, field string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == field {
			return mapping.Content[i+1]
		}
	}
	return nil
}
