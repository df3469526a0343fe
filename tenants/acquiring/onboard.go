package acquiring

import "context"

// Onboard makes a merchant known to the acquirer, so that it can receive payments.
type Onboard interface {
	// UploadImage brings a picture to the acquirer and returns its number there. Doing it twice gives two numbers,
	// which is harmless.
	UploadImage(ctx context.Context, contentType string, content []byte) (reference string, err error)
	// Submit sends an application and returns the acquirer's number of it. Done means received, not approved. There is
	// no idempotency key: ask before it is repeated. UnderWay: there is one of this merchant already.
	Submit(ctx context.Context, a Application) (reference string, err error)
	// QueryApplication asks how an application stands: by the acquirer's number, or, when reference is empty, by ours,
	// the newest one. found is false when the acquirer does not know it, or knows it under another number of ours.
	QueryApplication(ctx context.Context, number, reference string) (s Snapshot, found bool, err error)
	// ReadMessage reads what the acquirer sent about anything but a payment. ErrForeign: it is genuine, and for another
	// account. Any other error: it is not the acquirer's word. It makes no call.
	ReadMessage(in Inbound) (Message, error)
}

// Application is what a merchant applies with.
type Application struct {
	Number   string
	Form     Form
	CertType string            // what the certificate of the form's legal form is
	Images   map[string]string // numbers of uploaded pictures by what they show
}

// What the pictures of an application show.
const (
	ImageCert          = "cert_image"
	ImageCertBack      = "cert_image_back"
	ImageLegalFront    = "legal_cert_front_image"
	ImageLegalBack     = "legal_cert_back_image"
	ImageAuthLetter    = "license_auth_letter_image"
	ImageOutDoor       = "out_door_image"
	ImageInDoor        = "in_door_image"
	ImageQualification = "qualification_image"
)

// Legal forms of a merchant that the rules of a form depend on.
const (
	LegalFormEnterprise = "01"
	LegalFormIndividual = "06"
	LegalFormSole       = "07" // 个体工商户
)

// Form is what a merchant tells of itself. It is stored sealed, under these JSON names.
type Form struct {
	Name                 string           `json:"name,omitempty"`       // as on the certificate
	AliasName            string           `json:"alias_name,omitempty"` // shown to buyers
	MerchantType         string           `json:"merchant_type,omitempty"`
	MCC                  string           `json:"mcc,omitempty"`
	CertNo               string           `json:"cert_no,omitempty"`
	CertName             string           `json:"cert_name,omitempty"`
	LegalName            string           `json:"legal_name,omitempty"`
	LegalCertNo          string           `json:"legal_cert_no,omitempty"`
	ContactName          string           `json:"contact_name,omitempty"`
	ContactMobile        string           `json:"contact_mobile,omitempty"`
	ContactEmail         string           `json:"contact_email,omitempty"`
	ServicePhone         string           `json:"service_phone,omitempty"`
	Service              []string         `json:"service,omitempty"`
	SiteURL              string           `json:"site_url,omitempty"`
	SiteName             string           `json:"site_name,omitempty"`
	BusinessAddress      *BusinessAddress `json:"business_address,omitempty"`
	QualificationType    string           `json:"qualification_type,omitempty"`
	AlipayLogonID        string           `json:"alipay_logon_id,omitempty"`
	BindingAlipayLogonID string           `json:"binding_alipay_logon_id,omitempty"`
	SettleCard           *SettleCard      `json:"settle_card,omitempty"`
}

// BusinessAddress is a shop's address with six-digit administrative division codes.
type BusinessAddress struct {
	ProvinceCode string `json:"province_code"`
	CityCode     string `json:"city_code"`
	DistrictCode string `json:"district_code"`
	Address      string `json:"address"`
}

// SettleCard is the bank account that payments settle to.
type SettleCard struct {
	HolderName string `json:"account_holder_name"`
	No         string `json:"account_no"`
	Province   string `json:"account_inst_province"`
	City       string `json:"account_inst_city"`
	Branch     string `json:"account_branch_name"`
	Usage      string `json:"usage_type"` // 01 corporate, 02 private
	BankName   string `json:"account_inst_name"`
	BankID     string `json:"account_inst_id"`
	BankCode   string `json:"bank_code,omitempty"`
}

// ApplicationState is how an application stands at the acquirer.
type ApplicationState string

// The states. Any other value is none of them: nothing follows from it.
const (
	ApplicationInReview ApplicationState = "in_review"
	ApplicationFinished ApplicationState = "finished"
	ApplicationFailed   ApplicationState = "failed"
)

// ReviewState is how one review of an application stands; empty: nothing is known. The values are stored.
type ReviewState string

// The states of a review.
const (
	ReviewWaiting  ReviewState = "CREATE"
	ReviewSkipped  ReviewState = "SKIP"
	ReviewPassed   ReviewState = "PASS"
	ReviewRejected ReviewState = "REJECT"
)

// SignatureState is how the merchant's own confirmation stands; empty: nothing is known. The values are stored.
type SignatureState string

// The states of a signature.
const (
	SignatureBegun   SignatureState = "CREATE" // the merchant is asked once the reviews are over
	SignatureSkipped SignatureState = "SKIP"
	SignatureAsked   SignatureState = "NOT_CONFIRM" // the merchant has to confirm
	SignatureGiven   SignatureState = "FINISH"
	SignatureFailed  SignatureState = "FAIL"
)

// Snapshot is what the acquirer says of an application at some moment.
type Snapshot struct {
	Reference  string // the acquirer's number of the application
	State      ApplicationState
	Risk       ReviewState // risk control's review
	RiskMemo   string
	Papers     ReviewState // the review of the papers
	PapersMemo string
	Signature  SignatureState
	Merchant   string // the merchant's number at the acquirer; only when finished
	CardAlias  string // the acquirer's number of the bank card
	Reason     string // why it failed, in the acquirer's words
	SignURL    string // where the merchant confirms
}

// Message is a verified message of the acquirer about anything but a payment.
type Message struct {
	ID   string // the same for each repetition; may be empty
	Kind string // the acquirer's word
	// Number and Reference name the application that the message says there is news of; Number is empty for all others.
	Number, Reference string
}
