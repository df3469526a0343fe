// Package zhitong is the module's root. It holds the contract, openapi.yaml, word for word as the programs check it and
// serve it, and nothing else.
package zhitong

import _ "embed"

//go:embed openapi.yaml
var openAPI string

// OpenAPI is the text of openapi.yaml.
func OpenAPI() string { return openAPI }
