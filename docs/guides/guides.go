// Package guides holds the guides for integrators, in Chinese and English; zhitong/api/docs serves them. A sample that
// begins with ```sh run is run by a test, the samples of one guide in one shell.
package guides

import (
	"embed"
	"io/fs"
)

//go:embed zh en
var files embed.FS

// Files are the guides: zh/first-order.md, en/first-order.md and so on, with their pictures.
func Files() fs.FS { return files }
