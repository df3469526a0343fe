package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/onboarding"
)

// onboardingSubmit sends an application to Alipay.
type onboardingSubmit struct {
	river.WorkerDefaults[queue.OnboardingSubmit]
	onboarding *onboarding.Service
}

func (w *onboardingSubmit) Work(ctx context.Context, job *river.Job[queue.OnboardingSubmit]) error {
	return gone(
		w.onboarding.ExecuteSubmit(ctx, job.Args.TenantID.ID, job.Args.ApplicationID.ID),
		onboarding.CodeApplicationNotFound,
	)
}

// onboardingWatch asks Alipay how an application stands, for as long as it is open.
type onboardingWatch struct {
	river.WorkerDefaults[queue.OnboardingWatch]
	onboarding *onboarding.Service
}

func (w *onboardingWatch) Work(ctx context.Context, job *river.Job[queue.OnboardingWatch]) error {
	after, err := w.onboarding.Watch(ctx, job.Args.TenantID.ID, job.Args.ApplicationID.ID)
	return again(after, gone(err, onboarding.CodeApplicationNotFound))
}

// Timeout implements river.Worker: an upload for each image, and the application.
func (w *onboardingSubmit) Timeout(*river.Job[queue.OnboardingSubmit]) time.Duration {
	return time.Minute
}
