// Package signin is what the browser of somebody who signs in gets: templates, one style sheet, one kilobyte of script.
// Nothing is built and nothing is fetched from elsewhere; package zhitong/api/signin renders and serves it.
package signin

import (
	"embed"
	"io/fs"
)

//go:embed *.html page.css page.js icon.svg
var files embed.FS

// Files are the files of the pages.
func Files() fs.FS { return files }
