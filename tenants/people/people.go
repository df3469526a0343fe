// Package people keeps who a person is and by what they show it: an address, a password, an authenticator app, recovery
// codes. A person belongs to no tenant. What somebody may do is not decided here: it stands in the members of each
// tenant.
package people

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeSignInFailed    fault.Code = "sign_in_failed"
	CodeSignInLimited   fault.Code = "sign_in_limited"
	CodePasswordRefused fault.Code = "password_refused"
	CodeFactorExists    fault.Code = "factor_exists"
	CodeFactorNotFound  fault.Code = "factor_not_found"
	CodeCodeWrong       fault.Code = "code_wrong"
	CodeFactorNeeded    fault.Code = "factor_needed"
	CodePasskeyRefused  fault.Code = "passkey_refused"
	CodePasskeyLimit    fault.Code = "passkey_limit"
	CodePasskeysOff     fault.Code = "passkeys_not_offered"
	CodePasswordBlocked fault.Code = "password_blocked"
)

// ErrTicketOver is the error of a code that comes too late after the password.
var ErrTicketOver = errors.New("the password has to be typed again")

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return append(passkeyFaults(), []fault.Definition{
		{Code: CodeSignInFailed, Status: http.StatusUnprocessableEntity, Title: "Not recognised", TitleZh: "验证未通过",
			Meaning: "Address, password and code do not go together. Which of them is wrong is not told, nor whether " +
				"there is such an account.",
			MeaningZh: "邮箱、密码和验证码不匹配。不会说明哪一项有误，也不会说明该账号是否存在。"},
		{Code: CodeSignInLimited, Status: http.StatusTooManyRequests, Title: "Too many wrong attempts",
			TitleZh: "错误次数过多",
			Meaning: "After several wrong attempts each further one is possible only after a while, which grows. " +
				"Wait, then try again.",
			MeaningZh: "多次尝试错误后，须等待一段时间才能再试，等待时间逐次变长。"},
		{Code: CodePasswordRefused, Status: http.StatusUnprocessableEntity, Title: "The password is not taken",
			TitleZh: "密码不符合要求",
			Meaning: "A password has 10 to 128 characters beside a second factor, and at least 15 alone. It is not " +
				"easily guessed, and does not contain your address or the name of the platform or product.",
			MeaningZh: "有第二因素时密码须为 10 至 128 个字符，单独使用时至少 15 个；不得容易被猜到，不得包含邮箱、平台名或产品名。"},
		{Code: CodeFactorExists, Status: http.StatusConflict, Title: "There is such a factor already",
			TitleZh: "已有此验证方式",
			Meaning: "An authenticator app is set up. Remove it first.", MeaningZh: "已绑定验证器，请先移除。"},
		{Code: CodeFactorNotFound, Status: http.StatusNotFound, Title: "No such factor", TitleZh: "没有此验证方式",
			Meaning: "You have no such factor.", MeaningZh: "你没有此验证方式。"},
		{Code: CodeCodeWrong, Status: http.StatusUnprocessableEntity, Title: "The code is wrong", TitleZh: "验证码有误",
			Meaning:   "The code is not the one that the app shows now, or it was used before. Wait for the next one.",
			MeaningZh: "验证码不是验证器当前显示的，或已用过。请等待下一个。"},
		{Code: CodePasswordBlocked, Status: http.StatusUnprocessableEntity, Title: "The password counts no more",
			TitleZh: "密码已停用",
			Meaning: "It was typed wrong a hundred times in a row. Sign in with a passkey, or set a new password " +
				"by the link that is mailed. The answer is the same whether or not there is such an account.",
			MeaningZh: "连续输错一百次。请用通行密钥登录，或通过邮件中的链接设置新密码。无论账号是否存在，答复相同。"},
	}...)
}

func passkeyFaults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeFactorNeeded, Status: http.StatusConflict, Title: "It is your last way in",
			TitleZh:   "这是最后一种登录方式",
			Meaning:   "Without it you could not sign in any more. Set a password, or make another passkey, first.",
			MeaningZh: "移除后将无法登录。请先设置密码或另建通行密钥。"},
		{Code: CodePasskeyRefused, Status: http.StatusUnprocessableEntity, Title: "The passkey is not accepted",
			TitleZh: "通行密钥未通过验证",
			Meaning: "It is not known, was made for another address, did not check who holds it, or answered " +
				"too late or twice. Ask for new options and try again.",
			MeaningZh: "通行密钥未登记、属于其他网址、未验证持有人，或应答过迟、重复。请重新获取参数后再试。"},
		{Code: CodePasskeyLimit, Status: http.StatusConflict, Title: "Too many passkeys", TitleZh: "通行密钥过多",
			Meaning: "A person has at most ten. Remove one that you do not use.", MeaningZh: "每人最多十个，请先移除不用的。"},
		{Code: CodePasskeysOff, Status: http.StatusConflict, Title: "No passkeys at this address",
			TitleZh:   "此地址不支持通行密钥",
			Meaning:   "Passkeys are made for a name; the public address of this server is a number.",
			MeaningZh: "通行密钥只能用于域名，而本服务器的公开地址是 IP。"},
	}
}

// Person is somebody who can sign in.
type Person struct {
	ID        id.Person
	Email     string
	Language  vocabulary.Language
	CreatedAt time.Time
}

// Service carries the use cases of people.
type Service struct {
	db     *db.DB
	vault  *vault.Vault
	clock  clock.Clock
	hasher *hasher
	post   Post
	counts *prometheus.CounterVec
	keys   *webauthn.WebAuthn // nil: the public address has no name
}

// New makes a Service.
func New(d *db.DB, v *vault.Vault, c clock.Clock, post ...Post) *Service {
	s := &Service{db: d, vault: v, clock: c, hasher: newHasher()}
	for _, p := range post {
		s.post = p
	}
	s.keys, s.counts = relyingParty(s.post.PublicURL), newCounts(s.post.Metrics)
	return s
}

// Also is done in the transaction of a change of what somebody signs in with: their other sessions end in it.
type Also = func(ctx context.Context, tx db.SharedTx) error

// changed ends a change of what somebody signs in with: it is mailed, the platforms that they are a member of are told,
// and whatever also says is done.
func (s *Service) changed(ctx context.Context, tx db.SharedTx, p id.Person, what string, also []Also) error {
	for _, do := range also {
		if err := do(ctx, tx); err != nil {
			return err
		}
	}
	if err := tenants.TellMemberships(ctx, tx, p, what, id.Session{}); err != nil {
		return err
	}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: queue.PersonMail{PersonID: queue.RefTo(p), What: what}})
}

// digest is what an address is looked up by. Nobody without the installation's key can compute it.
func digest(k *secret.InstallationKey, email string) []byte {
	sum := k.MAC("people.email", []byte(email))
	return sum[:]
}

func emailPlace(p id.Person) secret.Place {
	return secret.Place{Table: "people", Row: p.UUID().String(), Column: "sealed_email"}
}

func (s *Service) person(k *secret.InstallationKey, r dbsqlc.Person) (Person, error) {
	email, err := k.Open(r.SealedEmail, emailPlace(r.ID))
	return Person{r.ID, string(email), r.Language, r.CreatedAt}, err
}

// Get reads a person.
func (s *Service) Get(ctx context.Context, p id.Person) (out Person, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return Person{}, err
	}
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.PersonGet(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("read the person: %w", err)
		}
		out, err = s.person(k, r)
		return err
	})
	return out, err
}

// SetLanguage changes the language of a person's pages and mails.
func (s *Service) SetLanguage(ctx context.Context, p id.Person, language vocabulary.Language) error {
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		return q.PersonSetLanguage(ctx, tx, language, p)
	})
}

// Joining is what somebody becomes a person with: a password, which is good and already hashed so that nothing slow is
// done inside of a transaction, or a passkey.
type Joining struct {
	ID       id.Person
	email    string
	hash     []byte // nil: none
	passkey  *newKey
	ticket   keyTicket // of the passkey
	totp     []byte    // sealed; nil: none
	step     int64
	language vocabulary.Language
	key      *secret.InstallationKey
}

// Prepare checks what a new person joins with: a password, and an authenticator app with its current code unless
// withoutSecond. It returns password_refused or code_wrong.
func (s *Service) Prepare(
	ctx context.Context,
	email string,
	password, totpSecret secret.String,
	code string,
	language vocabulary.Language,
	withoutSecond bool,
	names ...string,
) (*Joining, error) {
	email, err := tenants.NormalEmail(email)
	if err != nil {
		return nil, fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.")
	}
	if language != vocabulary.English {
		language = vocabulary.Chinese
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return nil, err
	}
	j := &Joining{ID: id.New[id.Person](), email: email, language: language, key: k}
	alone := withoutSecond && code == ""
	if !alone {
		step, ok := stepOf(totpSecret.Reveal(), code, s.clock.Now())
		if !ok {
			return nil, errCodeWrong()
		}
		if j.totp, err = k.Seal([]byte(totpSecret.Reveal()), totpPlace(j.ID)); err != nil {
			return nil, err
		}
		j.step = step
	}
	if err := checkPassword(password, alone, append(names, email)...); err != nil {
		return nil, err
	}
	if j.hash, err = s.hasher.hash(ctx, password); err != nil {
		return nil, err
	}
	return j, nil
}

// Methods are by what somebody who joins has shown who they are.
func (j *Joining) Methods() []Method {
	switch {
	case j.passkey != nil:
		return []Method{ByPasskey}
	case j.totp != nil:
		return []Method{ByPassword, ByTOTP}
	}
	return []Method{ByPassword}
}

// Email is the address that somebody joins with.
func (j *Joining) Email() string { return j.email }

// emailUnique is the constraint that keeps two people from sharing an address.
const emailUnique = "people_email_digest_key"

// Taken tells whether a transaction failed because its address is another person's.
func Taken(err error) bool { return db.Violates(err, emailUnique) }

// Create writes a person who joins. Atomic.
func (s *Service) Create(ctx context.Context, tx db.TenantTx, j *Joining) error {
	sealed, err := j.key.Seal([]byte(j.email), emailPlace(j.ID))
	if err != nil {
		return err
	}
	now := s.clock.Now()
	if err := q.PersonInsert(ctx, tx, dbsqlc.PersonInsertParams{
		ID: j.ID, EmailDigest: digest(j.key, j.email), SealedEmail: sealed, PasswordHash: j.hash,
		Language: j.language, CreatedAt: now,
	}); err != nil {
		return fmt.Errorf("insert the person: %w", err)
	}
	if j.passkey != nil {
		if err := s.spend(ctx, tx, j.ticket); err != nil {
			return err
		}
		return j.passkey.insert(ctx, tx, j.ID, now)
	}
	if j.totp == nil {
		return nil
	}
	if _, err := q.TOTPPut(ctx, tx, j.ID, j.totp, now); err != nil {
		return fmt.Errorf("insert the authenticator app: %w", err)
	}
	if _, err := q.TOTPUse(ctx, tx, j.step, &now, j.ID); err != nil {
		return fmt.Errorf("confirm the authenticator app: %w", err)
	}
	return nil
}

// Known finds the person with an address; false when there is none. Never tell the answer to somebody who has not shown
// that the address is theirs.
func (s *Service) Known(ctx context.Context, email string) (p id.Person, ok bool, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return p, false, err
	}
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.PersonByEmail(ctx, tx, digest(k, email))
		if db.IsNoRows(err) {
			return nil
		}
		p, ok = r.ID, err == nil
		return err
	})
	return p, ok, err
}

// Membership is a platform that a person is a member of.
type Membership struct {
	Tenant id.Tenant
	Member id.Member
}

// membershipsMax bounds how many platforms are told of.
const membershipsMax = 100

// Memberships lists the platforms of a person, by identifiers only.
func (s *Service) Memberships(ctx context.Context, p id.Person) (out []Membership, err error) {
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := q.MembershipList(ctx, tx, p, membershipsMax)
		for _, r := range rows {
			out = append(out, Membership{r.MemberOf, r.MemberID})
		}
		return err
	})
	return out, err
}

// Join makes the person a member of tx's tenant in the list of memberships. Atomic.
func Join(ctx context.Context, tx db.TenantTx, p id.Person, m id.Member) error {
	if _, err := q.PersonLock(ctx, tx, p); err != nil { // see OnlyIn
		return fmt.Errorf("lock the person: %w", err)
	}
	if err := q.MembershipInsert(ctx, tx, p, tx.Tenant(), m); err != nil {
		return fmt.Errorf("insert the membership: %w", err)
	}
	return nil
}

// Leave takes the person out of the list of memberships of tx's tenant; the zero person is nobody. Atomic.
func Leave(ctx context.Context, tx db.TenantTx, p id.Person) error {
	if p.IsZero() {
		return nil
	}
	if err := q.MembershipDelete(ctx, tx.Later(), p, tx.Tenant()); err != nil {
		return fmt.Errorf("delete the membership: %w", err)
	}
	return nil
}
