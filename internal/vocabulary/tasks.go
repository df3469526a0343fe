package vocabulary

// TaskStatus is the status of a task.
type TaskStatus string

// Values of [TaskStatus].
const (
	TaskQueued    TaskStatus = "queued"
	TaskRunning   TaskStatus = "running"
	TaskSucceeded TaskStatus = "succeeded"
	TaskFailed    TaskStatus = "failed"
	TaskCanceled  TaskStatus = "canceled"
)

// TaskKind is what a task does. More may come.
type TaskKind string

// Values of [TaskKind].
const (
	TaskExport        TaskKind = "export"
	TaskCardKeyImport TaskKind = "card_key_import"
)

// FileStatus is the status of a file.
type FileStatus string

// Values of [FileStatus].
const (
	FileWriting FileStatus = "writing" // it does not show
	FileReady   FileStatus = "ready"
)

// FilePurpose is what a file is for.
type FilePurpose string

// Values of [FilePurpose].
const (
	FileUpload FilePurpose = "upload"
	FileExport FilePurpose = "export"
)
