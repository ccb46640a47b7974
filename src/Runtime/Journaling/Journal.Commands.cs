namespace Granary.Runtime;

/// <remarks>
/// A command decides synchronously, so what it raises is collected without anything interleaving. Other commands may be
/// pending: it decides on the state that they lead to, and is dropped with them where another writer came between.
/// </remarks>
internal sealed partial class Journal<TView, TEntry>
{
    private static readonly SubmissionQueue Nothing;

    // Made at the first command, and used again: most activations have none.
    private RunningCommand? _command;

    private bool IsDeciding => _command is { IsDeciding: true };

    private ref readonly SubmissionQueue CommandSubmissions
    {
        get
        {
            if (_command is null) return ref Nothing;
            return ref _command.Submissions;
        }
    }

    public void BeginCommand()
    {
        ThrowIfDeciding();
        _loop.ThrowIfFailed();
        (_command ??= new RunningCommand()).IsDeciding = true;
    }

    public Task<bool> CommitCommandAsync(EventMetadata? command)
    {
        var submissions = EndCommand();
        if (submissions.Count == 0 && command is null) return VerifyAsync();
        try
        {
            var submission = Join(submissions, command);
            _loop.ThrowIfFull(submission.Count, submission.Size);
            return _loop.ConfirmCommandAsync(submission);
        }
        catch (LimitExceededException)
        {
            _state.DropTentative();
            throw;
        }
    }

    public void AbandonCommand()
    {
        if (!IsDeciding) return;
        if (EndCommand().Count > 0) _state.DropTentative();
    }

    public async Task<bool> VerifyAsync()
    {
        var rebases = _loop.Rebases;
        await _loop.CheckHeadAsync(reads: false);
        return rebases == _loop.Rebases;
    }

    // A command that is sent again is sent once more where the store is away, so nothing is retried here.
    public ValueTask<RememberedCommand?> FindCommandAsync(string id, DateTimeOffset causedAt) =>
        CommandSearch.FindAsync(Services.Store, Stream, id, causedAt, CancellationToken.None);

    // The check is shared with other callers: what is cancelled is this one's wait.
    public Task RefreshIfMovedAsync(CancellationToken cancellationToken)
    {
        ThrowIfDeciding();
        return _loop.CheckHeadAsync(reads: false).WaitAsync(cancellationToken);
    }

    public Task<PastState<object>> ReadStateAsync(StreamVersion version, CancellationToken cancellationToken) =>
        Reader().StateAtAsync(version, cancellationToken);

    public Task<PastState<object>> ReadStateAsync(DateTimeOffset instant, CancellationToken cancellationToken) =>
        Reader().StateAtAsync(instant, cancellationToken);

    private StateReader Reader() => new(Services.Store, Services.Snapshots, this, Services.Logger);

    private void AddToCommand(Submission submission)
    {
        _command!.Add(submission);
        _state.NotifyChanged(tentative: true, confirmed: false);
    }

    private SubmissionQueue EndCommand()
    {
        var submissions = _command!.Submissions;
        _command.Clear();
        return submissions;
    }

    // One conditional submission that carries the command with its last event, or with a marker where it raised none.
    private Submission Join(SubmissionQueue submissions, EventMetadata? command)
    {
        if (command is null && submissions.Count == 1) return submissions.Dequeue().MakeConditional();
        var all = submissions.ToList();
        var events = all.Count == 0 ? [Marker()] : all.SelectMany(static one => one).ToArray();
        if (command is not null) events[^1] = events[^1].With(events[^1].Metadata.With(command.Pairs));
        var isShareable = all.TrueForAll(static one => one.IsShareable);
        object[] entries = [.. all.SelectMany(static one => one.Entries)];

        // Of several, the payloads stay where they are: in buffers that are not used again.
        var submission = all.Count == 1 ? submissions.Dequeue() : new Submission();
        submission.For(entries, events, isShareable, isConditional: true);
        Services.Limits.ThrowIfOver(submission, submission.Size, "append of a command");
        return submission;
    }

    private NewEvent Marker() =>
        new(Services.Time, EventTypes.CommandAnswered, "{}"u8.ToArray())
        {
            Metadata = Services.Metadata.Capture(),
        };

    // A command confirms what it raises, whole, when it has decided.
    private void ThrowIfDeciding()
    {
        if (IsDeciding)
            throw new InvalidOperationException(
                "A command decides synchronously: it looks at the state and raises events by RaiseEvent. It cannot "
                + "confirm, refresh, clear, raise conditionally, or run another command while it decides.");
    }

    /// <summary>What the command that decides now has raised.</summary>
    private sealed class RunningCommand
    {
        private SubmissionQueue _submissions;

        public ref readonly SubmissionQueue Submissions => ref _submissions;

        public bool IsDeciding { get; set; }

        public int Events { get; private set; }

        public long Bytes { get; private set; }

        public void Add(Submission submission)
        {
            _submissions.Enqueue(submission);
            Events += submission.Count;
            Bytes += submission.Size;
        }

        public void Clear() => (_submissions, Events, Bytes, IsDeciding) = (default, 0, 0, false);
    }
}
