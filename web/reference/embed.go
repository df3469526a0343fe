// Package reference is the page around the API reference; Scalar, which draws it, comes from package web. zhitong/api/docs serves both.
package reference

import (
	"embed"
	"io/fs"
)

//go:embed page.html stub.html nonce.js reference.js reference.css icon.svg
var files embed.FS

// Files are the files of the page.
func Files() fs.FS { return files }
