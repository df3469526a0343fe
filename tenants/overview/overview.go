// Package overview tells how a platform does: its figures by hour and day, who and what sells most, where the money is,
// and what waits for somebody.
//
// The figures are summed from events and postings as these come, in the background: the way of a payment knows nothing
// of it. Facts that are not summed yet are added when the figures are read, in the same statement, so that what a
// platform reads is exact at every moment. They outlive the events that they were made of.
package overview

import (
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/events"
)

var q = dbsqlc.New()

const (
	// batchSize is how many events, and how many postings, are summed in one transaction.
	batchSize = 2000
	// roundsMax bounds the batches of a tenant in one go.
	roundsMax = 100
	// tailMax is how far the sums may be behind for the rest to be added at every read. Behind that the figures are as
	// old as they say.
	tailMax = 15 * time.Minute
	// Days and Hours bound a series.
	Days, Hours = 366, 31 * 24
	// TopMax bounds a list of what sells most.
	TopMax = 50
	// zoneOffset is China's: it has one zone, and no summer time.
	zoneOffset = 8 * time.Hour
	day        = 24 * time.Hour
	week       = 7 * day
)

// Zone is where days begin.
func Zone() *time.Location { return time.FixedZone("Asia/Shanghai", int(zoneOffset/time.Second)) }

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Clock clock.Clock
	Step  func(name string) // nil in production; tests crash at a step
	Batch int               // 0: the usual number
	// Settled is how much older than every open transaction a fact is when it is summed; 0: the usual time, less than
	// zero: none.
	Settled time.Duration
}

// Service sums and reads.
type Service struct {
	db      *db.DB
	clock   clock.Clock
	step    func(string)
	batch   int32
	settled time.Duration
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, clock: c.Clock, step: c.Step, batch: batchSize, settled: events.Settled}
	if s.step == nil {
		s.step = func(string) {}
	}
	if c.Batch > 0 {
		s.batch = int32(c.Batch) //nolint:gosec // a test's
	}
	if c.Settled != 0 {
		s.settled = max(0, c.Settled)
	}
	return s
}

// Figures are sums over some time.
type Figures struct {
	Created   int64
	Paid      int64
	Delivered int64
	Closed    int64
	Refunds   int64
	// Of the orders that were created in the time, how many were paid, delivered and split since.
	WonPaid, WonDelivered, WonSplit int64

	Turnover   money.Fen // paid
	Refunded   money.Fen
	Settled    money.Fen // to merchants of record
	Commission money.Fen // split to the platform, less what went back
	Others     money.Fen // split to other merchants, less what went back
}

// Add adds other figures.
func (f *Figures) Add(g Figures) {
	f.Created += g.Created
	f.Paid += g.Paid
	f.Delivered += g.Delivered
	f.Closed += g.Closed
	f.Refunds += g.Refunds
	f.WonPaid += g.WonPaid
	f.WonDelivered += g.WonDelivered
	f.WonSplit += g.WonSplit
	f.Turnover += g.Turnover
	f.Refunded += g.Refunded
	f.Settled += g.Settled
	f.Commission += g.Commission
	f.Others += g.Others
}

// Point is the figures of an hour or a day.
type Point struct {
	At time.Time // when it began
	Figures
}

// Span is how long a point is.
type Span = vocabulary.FigureSpan

// The spans.
const (
	Hourly = vocabulary.SpanHour
	Daily  = vocabulary.SpanDay
)

func length(s Span) time.Duration {
	if s == Daily {
		return day
	}
	return time.Hour
}

// Begins is when the hour or the day began in which a moment is. China's hours begin with everybody's.
func Begins(s Span, t time.Time) time.Time {
	return t.Add(zoneOffset).Truncate(length(s)).Add(-zoneOffset).UTC()
}

// Scope narrows figures to a merchant of record or a product; zero is all.
type Scope struct {
	Merchant id.Merchant
	Product  id.Product
}

// Stages is where the money is.
type Stages struct {
	Unsettled  money.Fen // with Alipay, until it is settled
	Frozen     money.Fen // settled, until it is split
	Settled    money.Fen // with the merchants of record
	Commission money.Fen // with the platform
	Others     money.Fen // with other merchants, split to them
}

// made is when an identifier was made: it begins with its time.
func made(u uuid.UUID) time.Time {
	var ms int64
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}
