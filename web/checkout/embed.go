// Package checkout is what a buyer's browser gets: one template, one style sheet, three kilobytes of script. Nothing is
// built and nothing is fetched from elsewhere; package zhitong/api/checkout renders and serves it.
package checkout

import (
	"embed"
	"io/fs"
)

//go:embed page.html page.css page.js icon.svg
var files embed.FS

// Files are the files of the page.
func Files() fs.FS { return files }
