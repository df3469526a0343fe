// Package reference is the pages of the documentation and their look; Scalar, which draws the reference, comes from
// package web. zhitong/api/docs serves both.
package reference

import (
	"embed"
	"io/fs"
)

//go:embed *.html *.js *.css icon.svg
var files embed.FS

// Files are the files of the page.
func Files() fs.FS { return files }
