// Package web embeds the built pages, what `npm run build` put into dist, and the tokens of the design. Built without
// Node, dist is empty, and whoever serves a page shows a plain one instead.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed tokens.css
var tokens []byte

//go:embed app/stub.html
var stub []byte

// Tokens is the style sheet with the colours, type and space of every page.
func Tokens() []byte { return tokens }

// Stub is the page that stands for an application that was not built.
func Stub() []byte { return stub }

// Dist are the built files, by their path below dist.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // "dist" is a valid path
		panic(err)
	}
	return sub
}
