package checkout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/pages"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/shops"
)

// Logos finds the pictures of platforms; shops.Service is the one of production.
type Logos interface {
	// Logo returns logo_not_found.
	Logo(ctx context.Context, tenant id.Tenant, name string) ([]byte, error)
}

const (
	logosBelow  = "/checkout/logos/"
	accentBelow = "/checkout/accents/"
	logoType    = ".png"
	accentType  = ".css"
)

// LogoPath is the address of a logo; a platform without one has none.
func LogoPath(tenant id.Tenant, digest string) string {
	if digest == "" {
		return ""
	}
	return logosBelow + tenant.String() + "/" + digest + logoType
}

// accentFile is the name of the style sheet of an accent: the colour that it is made of, and the sum of what is made,
// which changes with how it is made.
func accentFile(accent string) string {
	sum := sha256.Sum256(shops.Stylesheet(accent))
	return strings.TrimPrefix(accent, "#") + "." + hex.EncodeToString(sum[:6]) + accentType
}

// accent serves the style sheet of a colour. It is made of its address alone, so that no platform is asked for.
func (p *Pages) accent(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "name")
	colour, _, _ := strings.Cut(name, ".")
	if len(colour) != 6 || strings.Trim(colour, "0123456789abcdef") != "" || accentFile("#"+colour) != name {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	w.Header().Set("Cache-Control", pages.Immutable)
	pages.NewFile(shops.Stylesheet("#"+colour), pages.ContentTypeOf(accentType)).Serve(w, r)
}

// logo serves a picture that this program has written. Opened by itself it runs nothing and loads nothing.
func (p *Pages) logo(w http.ResponseWriter, r *http.Request) {
	tenant, err := id.Parse[id.Tenant](chi.URLParam(r, "tenant"))
	digest, ok := strings.CutSuffix(chi.URLParam(r, "name"), logoType)
	if err != nil || !ok || len(digest) != 32 {
		p.refuse(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
		return
	}
	call.From(r.Context()).Tenant = tenant
	picture, err := p.logos.Logo(r.Context(), tenant, digest)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", pages.Immutable)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", "inline")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	pages.NewFile(picture, "image/png").Serve(w, r)
}
