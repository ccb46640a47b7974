using System.Runtime.ExceptionServices;

namespace Granary.Runtime;

/// <summary>What an append loop is doing.</summary>
internal enum AppendLoopPhase : byte
{
    /// <summary>Nothing is in flight.</summary>
    Idle,

    /// <summary>One append is in flight; its answer is called back in a turn of the grain.</summary>
    Appending,

    /// <summary>
    /// One rare thing is in flight: a retry, a conflict, a refresh, or a clearing. It runs as a task of its own.
    /// </summary>
    Resolving,

    /// <summary>An append failed. Final: nothing is raised any more, and the activation ends.</summary>
    Failed,
}

/// <summary>
/// Brings what a grain raises into the store: one call to the store at a time, in the order in which it was raised.
/// Everything but <see cref="OnAnswered"/> and the work on the pool runs in the grain's turns.
/// </summary>
/// <remarks>
/// <para>Every submission has a number, and every wait is for a number: all submissions up to it have landed, or
/// were dropped, which their own promise reports. A clearing has the number of the last submission before it. Numbers
/// are never counts, so what leaves the queue out of order changes no wait.</para>
/// <para>The phase changes in <see cref="RunNext"/>, which chooses what comes next whenever nothing is in flight, and
/// in <see cref="Fail"/>. When the confirmed state moves otherwise than by the loop's own append, <see cref="Rebase"/>
/// drops the conditional submissions and folds the rest again. Every promise is completed by <see cref="Landed"/>,
/// <see cref="Rebase"/> or <see cref="Fail"/>, and always after the loop's own fields are consistent: those who wait
/// continue inside that call, and may raise and wait again.</para>
/// <para>The usual command raises, confirms and waits. What it waits for is a task that has not begun: the answer's
/// arrival starts it in a turn of the grain, where it confirms and thereby ends. So a confirmation takes one task and
/// one turn. Where the append is not answered at once by success, the task becomes a wait like the others.</para>
/// </remarks>
internal sealed partial class AppendLoop(IJournalState state)
    : IAppendCaller, IThreadPoolWorkItem
{
    private volatile AppendLoopPhase _phase;
    private int _woken;

    private SubmissionQueue _pending;
    private long _lastNumber;
    private int _unconfirmedEvents;
    private long _unconfirmedBytes;

    // The append in flight: how many submissions it holds, and whose task confirms it.
    private int _sentCount;
    private Submission? _carrier;
    private PendingAppend? _answered;

    // Most activations have none of these.
    private HeadChecks? _checks;
    private AppendWaiters? _waiters;
    private Queue<ClearRequest>? _clears;
    private StoreRetry? _retry;
    private EventsNotConfirmedException? _failure;

    /// <summary>What is raised and not confirmed.</summary>
    public ref readonly SubmissionQueue Pending => ref _pending;

    /// <summary>How often the confirmed state has moved otherwise than by this loop's own appends.</summary>
    public long Rebases { get; private set; }

    /// <summary>Whether an append has failed, so that the activation ends.</summary>
    public bool HasFailed => _phase == AppendLoopPhase.Failed;

    /// <summary>Whether there is something to append, clear or read.</summary>
    public bool HasWork => _pending.Count > 0 || HasClears || HasChecks;

    /// <summary>Counts what happens; null where no statistics are collected.</summary>
    public JournalStatistics? Statistics { get; set; }

    // From the state, because an activation is to be small.
    private IGrainContext Context => state.Context;

    private JournalServices Services => state.Services;

    private bool HasChecks => _checks is { AreDue: true };

    private bool HasClears => _clears is { Count: > 0 };

    private long ConfirmedThrough => _pending.First is { } first ? first.Number - 1 : _lastNumber;

    private bool IsClearDue => HasClears && _clears!.Peek().After <= ConfirmedThrough;

    private long Now => Services.Time.GetTimestamp();

    // Of what is pending the oldest decides how long the store is called again.
    private long OldestRaisedAt => _pending.First?.RaisedAt ?? Now;

    // Whether everything that was raised can be sent at once, and nothing else has to be done first.
    private bool CanSendWhole => _phase == AppendLoopPhase.Idle && !HasClears && !HasChecks
        && CountOfNextAppend() == _pending.Count;

    /// <summary>
    /// A promise that is completed in a turn of the grain: the waiting call continues at once, in it.
    /// </summary>
    public static TaskCompletionSource<bool> NewPromise() => new();

    /// <exception cref="EventsNotConfirmedException">An earlier append has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
            throw new EventsNotConfirmedException(
                state.Stream, failure.Version, failure.Events, "an earlier append failed.", failure.InnerException);
    }

    /// <exception cref="LimitExceededException">The grain holds too much that is not confirmed.</exception>
    public void ThrowIfFull(int moreEvents, long moreBytes)
    {
        LimitExceededException.ThrowIfOver(
            Services.Options.UnconfirmedEventsMax, _unconfirmedEvents + moreEvents, "queue of unconfirmed events",
            "Raise fewer events before they are confirmed.");
        LimitExceededException.ThrowIfOver(
            Services.Options.UnconfirmedSizeMaxBytes, _unconfirmedBytes + moreBytes, "content of unconfirmed events",
            "Raise fewer events before they are confirmed.");
    }

    /// <summary>Adds a submission; it is sent with the next append that can hold it.</summary>
    public void Enqueue(Submission submission)
    {
        submission.Number = ++_lastNumber;
        submission.RaisedAt = Now;
        _pending.Enqueue(submission);
        _unconfirmedEvents += submission.Count;
        _unconfirmedBytes += submission.Size;
    }

    /// <summary>
    /// Sends what is pending in a later turn, together with what else this turn raises. Usually it is confirmed in this
    /// one, and when the pool runs it nothing is left to do: that turn is never queued.
    /// </summary>
    public void SendLater()
    {
        if (_phase == AppendLoopPhase.Idle && Interlocked.Exchange(ref _woken, 1) == 0) Services.RunOnPool(this);
    }

    /// <summary>
    /// On a thread of the pool. In this order: who raises afterwards queues it again, and what was raised before is
    /// seen.
    /// </summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _woken, 0);
        if (_phase == AppendLoopPhase.Idle)
            Context.Scheduler.QueueAction(static loop => ((AppendLoop)loop).Start(), this);
    }

    /// <summary>Completes when everything that is pending now is stored, or was dropped as conditional.</summary>
    public Task ConfirmAsync()
    {
        ThrowIfFailed();
        if (_pending.Last is not { } last) return Task.CompletedTask;
        if (CanSendWhole) return SendAndConfirm(last);
        var confirmed = (_waiters ??= new AppendWaiters()).Add(last.Number, checks: 0);
        Start();
        return confirmed;
    }

    /// <summary>
    /// Adds a command and sends it. False where another writer came between: nothing of it is stored.
    /// </summary>
    public Task<bool> ConfirmCommandAsync(Submission command)
    {
        Enqueue(command);
        command.IsCommand = true;
        if (CanSendWhole) return SendAndConfirm(command);
        command.Promise = NewPromise();
        var landed = command.Promise.Task;
        Start();
        return landed;
    }

    /// <summary>
    /// Completes when the store's head was compared with the confirmed state after this call, what other writers
    /// appended was read, and everything that is pending now is confirmed.
    /// </summary>
    /// <param name="reads">Whether the stream is read even where its head has not moved.</param>
    public Task CheckHeadAsync(bool reads)
    {
        ThrowIfFailed();
        var check = (_checks ??= new HeadChecks()).Add(reads);
        var through = _pending.Last?.Number ?? 0;
        var checkedHead = (_waiters ??= new AppendWaiters()).Add(through, check);
        Start();
        return checkedHead;
    }

    /// <summary>
    /// Clears the stream. What was raised before is appended first, so that it is confirmed, and then goes with the
    /// rest; conditional events that were raised before it is cleared are dropped.
    /// </summary>
    /// <exception cref="WrongExpectedVersionException">The stream is at another version than expected.</exception>
    public Task ClearAsync(ExpectedVersion expected, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        cancellationToken.ThrowIfCancellationRequested();
        var request = new ClearRequest(_lastNumber, Now, NewPromise(), expected, cancellationToken);
        (_clears ??= new Queue<ClearRequest>()).Enqueue(request);
        Start();
        return request.Done.Task;
    }

    /// <summary>
    /// Completes when nothing is in flight or pending any more, or the loop has failed. It never throws: an error is
    /// reported to the callers of what failed.
    /// </summary>
    public async Task DrainAsync()
    {
        for (Start(); HasWork && !HasFailed; Start())
        {
            Task next = HasClears
                ? _clears!.Last().Done.Task
                : (_waiters ??= new AppendWaiters()).Add(_lastNumber, _checks?.Last ?? 0);
            await next.ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Calls the store, and again while it is unavailable and there is time.</summary>
    public async ValueTask<TResult> RetryAsync<TResult>(
        Func<CancellationToken, ValueTask<TResult>> call, long startedAt)
    {
        TResult result;
        try
        {
            result = await call(CancellationToken.None);
        }
        catch (StoreUnavailableException fault)
        {
            result = await Retry().RecoverAsync(fault, call, startedAt);
        }

        ReportRecovery();
        return result;
    }

    // Nothing completes before this returns: an append is answered in a later turn.
    private void Start()
    {
        if (_phase == AppendLoopPhase.Idle) RunNext();
    }

    /// <summary>Chooses what comes next. Called whenever nothing is in flight.</summary>
    private void RunNext()
    {
        if (_phase == AppendLoopPhase.Failed) return;
        try
        {
            if (!HasWork)
            {
                _phase = AppendLoopPhase.Idle;
            }
            else if (IsClearDue || _pending.Count == 0)
            {
                _phase = AppendLoopPhase.Resolving;
                WithoutFlow(static loop => _ = loop.ResolveAsync(append: null, default, null));
            }
            else
            {
                _phase = AppendLoopPhase.Appending;
                Services.Appender.Send(PrepareAppend(), this);
            }
        }
        catch (Exception fault)
        {
            Fail(fault);
        }
    }

    private Append PrepareAppend()
    {
        _sentCount = CountOfNextAppend();
        _checks?.Send();
        var events = EventsOfNextAppend();

        // One id for both takes less space in a store. An id that was given may be that of an earlier append.
        var id = events[0].HasNewId ? new AppendId(events[0].Id) : AppendId.New(Services.Time);
        return new Append(
            state.Stream, ExpectedVersion.Exactly(state.Version, state.Position.Position), id, events);
    }

    // As many whole submissions as one append may hold, and none that was raised after a request to clear.
    private int CountOfNextAppend()
    {
        var last = HasClears ? _clears!.Peek().After : long.MaxValue;
        var limits = Services.Limits;
        var (size, events, count) = (0L, 0, 0);
        for (var next = _pending.First; next is not null && next.Number <= last; next = next.Next)
        {
            size += next.Size;
            events += next.Count;
            if (count > 0 && (size > limits.AppendSizeMax || events > limits.AppendEventsMax)) break;
            count++;
        }

        return count;
    }

    private IReadOnlyList<NewEvent> EventsOfNextAppend()
    {
        var submission = _pending.First!;
        if (_sentCount == 1) return submission;
        var events = new List<NewEvent>();
        for (var at = 0; at < _sentCount; at++, submission = submission.Next!) events.AddRange(submission);
        return events;
    }

    private Task<bool> SendAndConfirm(Submission last)
    {
        last.Loop = this;
        var confirmation = last.Confirmation = NewConfirmation(last);
        _carrier = last;
        Start();
        return confirmation;
    }

    // It carries no request's context along: what it begins may be another's.
    private static Task<bool> NewConfirmation(Submission carrier)
    {
        if (ExecutionContext.IsFlowSuppressed()) return New(carrier);
        using (ExecutionContext.SuppressFlow()) return New(carrier);

        static Task<bool> New(Submission carrier) => new(
            static one => ((Submission)one!).Loop!.RunConfirmation((Submission)one), carrier);
    }

    /// <summary>
    /// On the writer's thread, or a timer's: the answer is handled in a turn of the grain. Where a caller waits for
    /// just this, and it is success, the turn is the task that the caller waits for.
    /// </summary>
    public void OnAnswered(PendingAppend answered)
    {
        _answered = answered;
        if (answered.HasLanded && _carrier?.Confirmation is { } confirmation)
            Context.Scheduler.QueueTask(confirmation);
        else Context.Scheduler.QueueAction(static loop => ((AppendLoop)loop).HandleAnswer(), this);
    }

    // The body of a confirmation task.
    private bool RunConfirmation(Submission carrier)
    {
        if (carrier.Result is { } result)
        {
            if (result.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);
            return result.Landed;
        }

        var (isCommand, answered) = (carrier.IsCommand, _answered!);
        (carrier.Confirmation, _carrier, _answered) = (null, null, null);
        var landed = answered.GetResult();
        ReportRecovery();
        var notApplied = Landed(landed, atFirst: true);
        RunNext();

        // A command has its answer; a caller of ConfirmEvents would read the state next, which cannot be known.
        if (notApplied is not null && !isCommand) ExceptionDispatchInfo.Throw(notApplied);
        return true;
    }

    private void HandleAnswer()
    {
        var answered = _answered!;
        _answered = null;
        var append = answered.Append;
        try
        {
            var result = answered.GetResult();
            if (result.Outcome == AppendOutcome.Conflict)
            {
                StartResolving(append, result, fault: null);
                return;
            }

            ReportRecovery();
            Landed(result, atFirst: true);
        }
        catch (StoreUnavailableException fault)
        {
            StartResolving(append, default, fault);
            return;
        }
        catch (Exception fault)
        {
            Fail(fault);
        }

        RunNext();
    }
}
