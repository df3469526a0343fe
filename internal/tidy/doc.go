// Package tidy holds tests on the repository itself: who may import whom, and the habits that a reader of the source
// would otherwise have to check by hand. It has no code of its own.
package tidy
