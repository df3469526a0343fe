package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/call"
	"zhitong/api/checkout/hub"
	"zhitong/api/sse"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/events"
)

// newest is how the hub of streams looks.
func newest(s *events.Service) func(context.Context, id.Tenant, []id.Tenant) (map[id.Tenant]id.Event, error) {
	return func(ctx context.Context, tenant id.Tenant, _ []id.Tenant) (map[id.Tenant]id.Event, error) {
		e, err := s.Newest(ctx, tenant)
		return map[id.Tenant]id.Event{tenant: e}, err
	}
}

// following is the answer to one that follows the events.
type following struct {
	ctx   context.Context //nolint:containedctx // the generated interface gives the answer no other
	actor tenants.Actor
	hub   *hub.Events
	f     *events.Follower
}

// toldEvent is the data of an event in the stream.
type toldEvent struct {
	ID          id.Event `json:"id"`
	Type        string   `json:"type"`
	SubjectType string   `json:"subject_type"`
	SubjectID   string   `json:"subject_id"`
}

func (s *server) StreamEvents(
	ctx context.Context,
	r apigen.StreamEventsRequestObject,
) (apigen.StreamEventsResponseObject, error) {
	after := value(r.Params.LastEventID)
	if after.IsZero() {
		after = value(r.Params.After)
	}
	return following{ctx, authn.From(ctx), s.Streams, s.Events.Follow(after)}, nil
}

// VisitStreamEventsResponse implements apigen.StreamEventsResponseObject. It ends when the reader goes, after
// sse.FollowMax, when the server stops, and when whoever called may call no more.
func (a following) VisitStreamEventsResponse(w http.ResponseWriter) error {
	if call.From(a.ctx).Head {
		sse.New(w)
		return nil
	}
	news, leave, err := a.hub.Wait(a.actor.Tenant, a.actor.Tenant, a.actor.Caller.String())
	if err != nil {
		return errRateLimited()
	}
	defer leave()
	stream := sse.New(w)
	over := time.NewTimer(sse.FollowMax)
	defer over.Stop()
	alive := time.NewTicker(sse.AliveAgain)
	defer alive.Stop()
	if err := stream.Nothing(); err != nil { // the reader knows that it is heard
		return nil // who has gone needs no answer
	}
	for {
		select {
		case <-news:
			err = a.tell(stream)
		case <-alive.C:
			err = stream.Send("id: " + a.f.Position().String() + "\n: still here\n\n")
		case <-over.C:
			return nil
		case <-a.hub.Done():
			return nil
		case <-a.ctx.Done():
			return nil
		}
		if err != nil {
			call.From(a.ctx).Err = err
			return nil
		}
	}
}

// tell sends what is new, unless the caller may not hear it any more.
func (a following) tell(stream *sse.Stream) error {
	again, err := call.From(a.ctx).Again(a.ctx)
	if err != nil {
		return err
	}
	if again.Caller != a.actor.Caller || again.Role != a.actor.Role || again.Merchant != a.actor.Merchant {
		return errRateLimited() // another person's by now: it ends, and the reader is asked who it is
	}
	return a.f.Next(a.ctx, again, func(e events.Told) error {
		data, err := json.Marshal(toldEvent{e.ID, string(e.Type), string(e.SubjectType),
			id.TextOf(string(e.SubjectType), e.SubjectID)})
		if err != nil {
			return err
		}
		return stream.Send("id: " + a.f.Position().String() + "\nevent: " + string(e.Type) + "\ndata: " +
			string(data) + "\n\n")
	})
}
