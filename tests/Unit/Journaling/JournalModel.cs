using Granary.Runtime;

namespace Granary.Tests.Unit.Journaling;

/// <summary>
/// Plays a history of what may happen to a journal, and checks after each step what it promises: an event that is
/// confirmed is stored, in order, once; a conditional one is true where it landed just where it was raised, and false
/// where it is not stored; a decision that is valid was made on what was stored; and every waiting call is answered.
/// </summary>
internal sealed class JournalModel : IDisposable
{
    /// <summary>How many kinds of steps there are. A step is its kind, and how it is played, in one number.</summary>
    public const int Kinds = 28;

    private readonly ManualStore _store = new();
    private readonly List<WordGrain> _grains = [];
    private readonly List<(string Call, Action Look)> _open = [];
    private readonly List<(int Grain, string Word)> _raised = [];
    private readonly List<(WordGrain Grain, Task Call)> _clearings = [];
    private WordGrain _grain;
    private CancellationTokenSource? _cancelling;
    private int _words;

    public JournalModel()
    {
        _grain = Activate();
        _grain.Turns.RunAll();
    }

    /// <summary>Plays the steps, lets everything end, and checks that nothing is left open.</summary>
    public void Play(IEnumerable<int> steps)
    {
        foreach (var step in steps)
        {
            Play(step);
            Check();
        }

        foreach (var grain in _grains) End(grain);
        Check();
        Assert.Empty(_open.Select(static one => one.Call));
        CheckOrder();
        _grain = Activate();
        End(_grain);
        Assert.Equal(_store.WordsOf(WordGrain.Stream), _grain.Confirmed);
    }

    public void Dispose()
    {
        foreach (var grain in _grains) grain.Dispose();
        _cancelling?.Dispose();
    }

    private WordGrain Activate()
    {
        var grain = new WordGrain(_store, new JournalOptions { RetryTimeoutMs = 3_000 });
        _grains.Add(grain);
        return grain;
    }

    private void Play(int step)
    {
        if (_grain.Context.Deactivation is not null || _grain.Activated.IsFaulted) _grain = Activate();
        // What happens, and how: independent of each other.
        var (what, how) = (step % Kinds, step / Kinds);
        switch (what)
        {
            case 0 or 1: Raise($"w{_words++}"); break;
            case 2: Raise($"w{_words++}", $"w{_words++}"); break;
            case 3: Raise($"!{_words++ % 9}"); break;
            case 4: RaiseConditional($"c{_words++}"); break;
            case 5: RaiseConditional($"c{_words++}", $"c{_words++}"); break;
            case 6 or 7: Confirm(); break;
            case 8: Execute(stores: how % 3 > 0); break;
            case 9: Clear(cancellable: how % 3 == 0); break;
            case 10: Refresh(always: how % 2 == 0); break;
            case 11: _store.AppendElsewhere(WordGrain.Stream, $"o{_words++}"); break;
            case 12: if (how % 3 == 0) _store.ClearElsewhere(WordGrain.Stream); break;
            case 13: Answer(how, static appender => appender.Commit()); break;
            case 14: Answer(how, static appender => appender.FailBefore()); break;
            case 15: Answer(how, static appender => appender.FailAfter()); break;
            case 16: _store.HoldsReads = how % 2 == 0; break;
            case 17: if (_store.HeldReads > 0) (how % 4 == 0 ? (Action)_store.FailRead : _store.ReleaseRead)(); break;
            case 18: _store.ReadableEvents = how % 2 == 0 ? how % 3 : null; break;
            case 19: _grain.RunPool(); break;
            case 20: _grain.Advance(TimeSpan.FromSeconds(how % 7)); break;
            case 21: Leave(drains: how % 2 == 0); break;
            case 22: _cancelling?.Cancel(); break;
            default: _grain.Turns.RunOne(); break;
        }
    }

    private void Raise(params string[] words)
    {
        var grain = _grain;
        if (!IsRunning(grain) || _raised.Exists(one => words.Contains(one.Word))) return;
        try
        {
            grain.Turns.RunAll();
            if (!IsRunning(grain)) return;
            if (words.Length == 1) grain.Journal.Submit(words[0]);
            else grain.Journal.SubmitRange(words);
            AddRaised(grain, words);
        }
        catch (EventNotApplicableException)
        {
            Assert.StartsWith("!", words[0], StringComparison.Ordinal);
        }
    }

    private void RaiseConditional(params string[] words)
    {
        var (grain, before) = (_grain, "");
        if (!IsRunning(grain)) return;
        var landed = grain.Turns.Call(() =>
        {
            if (!IsRunning(grain)) return Task.FromResult(false);
            before = Text(grain.Tentative);
            AddRaised(grain, words);
            return words.Length == 1 ? grain.Journal.TryAppend(words[0]) : grain.Journal.TryAppendRange(words);
        });
        Expect($"conditional {words[0]}", landed, answer =>
        {
            foreach (var word in words)
            {
                CheckLanded(answer, word, before);
                before += $"{word} ";
            }
        });
    }

    private void Confirm()
    {
        var grain = _grain;
        if (!IsRunning(grain)) return;
        string[] covered = [];
        var confirmed = grain.Turns.Call(async () =>
        {
            if (!IsRunning(grain)) return false;
            covered = [.. grain.Journal.UnconfirmedSuffix.Where(static word => word[0] != 'c')];
            await grain.Journal.ConfirmSubmittedEntries();
            return true;
        });
        Expect("confirm", confirmed, answer =>
        {
            if (answer) Assert.All(covered, word => Assert.Contains(word, _store.StoredAfter));
        });
    }

    private void Execute(bool stores)
    {
        var (grain, word, before) = (_grain, $"c{_words++}", "");
        var from = 0;
        if (!IsRunning(grain)) return;
        var isValid = grain.Turns.Call(() =>
        {
            if (!IsRunning(grain)) return Task.FromResult(false);
            from = _store.Contents.Count - 1;
            ICommandJournal journal = grain.Journal;
            journal.BeginCommand();
            before = Text(grain.Confirmed);
            Assert.Equal(before.Count(static letter => letter == ' '), grain.Journal.ConfirmedVersion);
            if (stores)
            {
                grain.Journal.Submit(word);
                AddRaised(grain, word);
                Assert.Equal(before, Text(grain.Confirmed));
                Assert.Equal($"{before}{word} ", Text(grain.Tentative));
            }

            return journal.CommitCommandAsync(null);
        });
        Expect($"command {word}", isValid, answer =>
        {
            if (stores) CheckLanded(answer, word, before);
            else if (answer) Assert.Contains(before, _store.Contents[from..]);
        });
    }

    private void Clear(bool cancellable)
    {
        var grain = _grain;
        if (!IsRunning(grain)) return;
        if (cancellable) _cancelling ??= new CancellationTokenSource();
        var token = cancellable ? _cancelling!.Token : CancellationToken.None;
        var (from, seen) = (0, "");
        Task<bool> cleared = null!;
        cleared = grain.Turns.Call(async () =>
        {
            if (!IsRunning(grain)) return false;
            _raised.Add((_grains.IndexOf(grain), $"clearing {_clearings.Count}"));
            _clearings.Add((grain, cleared));
            from = _store.Contents.Count;
            await grain.Journal.ClearLogAsync(token);
            seen = Text(grain.Confirmed);
            return true;
        });

        // What the stream held when it was to be cleared is not among it.
        Action<bool> check = answer =>
        {
            if (answer) Assert.Contains(seen, _store.Contents[from..]);
        };
        Expect("clear", cleared, check, token);
    }

    private void Refresh(bool always)
    {
        var (grain, from, seen) = (_grain, 0, "");
        if (!IsRunning(grain)) return;
        var refreshed = grain.Turns.Call(async () =>
        {
            if (!IsRunning(grain)) return false;
            from = _store.Contents.Count - 1;
            await (always
                ? grain.Journal.Synchronize()
                : ((ICommandJournal)grain.Journal).RefreshIfMovedAsync(CancellationToken.None));
            seen = Text(grain.Confirmed);
            return true;
        });
        Expect("refresh", refreshed, answer =>
        {
            if (answer) Assert.Contains(seen, _store.Contents[from..]);
        });
    }

    // The next activation may begin before the last one has ended: as where the grain directory loses an entry.
    private void Leave(bool drains)
    {
        var grain = _grain;
        if (drains && IsRunning(grain))
        {
            var drained = grain.Turns.Call(() => Unit(grain, static journal => journal.PostOnDeactivate()));
            Expect("drain", drained, static _ => { });
        }

        _grain = Activate();
    }

    // An append of any activation, also of one that another has replaced.
    private void Answer(int which, Action<ManualAppender> answer)
    {
        var waiting = _grains.FindAll(static grain => grain.Appender.Waiting > 0);
        if (waiting.Count > 0) answer(waiting[which % waiting.Count].Appender);
    }

    private void AddRaised(WordGrain grain, params string[] words)
    {
        foreach (var word in words) _raised.Add((_grains.IndexOf(grain), word));
    }

    private void CheckLanded(bool landed, string word, string before)
    {
        if (landed) Assert.Equal(before, _store.StoredAfter[word]);
        else Assert.DoesNotContain(word, _store.StoredAfter);
    }

    // What is checked when a call ends well. One that fails promises nothing but that it ends.
    private void Expect<T>(string name, Task<T> call, Action<T> check, CancellationToken token = default)
    {
        Action look = null!;
        look = () =>
        {
            if (!call.IsCompleted) return;
            _open.Remove((name, look));
            if (call.IsCompletedSuccessfully) check(call.Result);
            else if (call.IsCanceled) Assert.True(token.IsCancellationRequested);
            else if (call.Exception?.InnerException is not GranaryException) Assert.Fail($"{call.Exception}");
        };
        _open.Add((name, look));
    }

    private void Check()
    {
        foreach (var (_, look) in _open.ToArray()) look();
        if (!IsRunning(_grain) || !_grain.Turns.IsIdle || _store.HeldReads > 0) return;
        var pending = _grain.Journal.UnconfirmedSuffix.ToList();
        Assert.Equal([.. _grain.Confirmed, .. pending], _grain.Tentative);
        Assert.Equal(_grain.Confirmed.Count, _grain.Journal.ConfirmedVersion);
    }

    // Of each activation, what is stored is stored in the order in which it was raised; clearings are among it. They
    // are made in the order of their calls, but for those that were cancelled.
    private void CheckOrder()
    {
        var indexes = _store.StoredAfter.Keys.Select(static (word, at) => (word, at)).ToDictionary();
        foreach (var grain in _grains)
        {
            var calls = Enumerable.Range(0, _clearings.Count)
                .Where(at => _clearings[at].Grain == grain && !_clearings[at].Call.IsCanceled);
            foreach (var (call, id) in calls.Zip(grain.Appender.Clearings))
                indexes[$"clearing {call}"] = indexes[ManualStore.NameOfClearing(id)];
        }

        foreach (var own in _raised.GroupBy(static one => one.Grain))
        {
            var stored = own.Where(one => indexes.ContainsKey(one.Word)).Select(one => indexes[one.Word]).ToList();
            Assert.Equal(stored.Order(), stored);
        }
    }

    // Lets all calls of a grain end: the store works again, and time passes where it waits for it.
    private void End(WordGrain grain)
    {
        (_store.HoldsReads, _store.ReadableEvents) = (false, null);
        for (var rounds = 0; rounds < 30; rounds++)
        {
            grain.RunToCompletion();
            grain.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private static bool IsRunning(WordGrain grain) =>
        grain.Activated.IsCompletedSuccessfully && grain.Context.Deactivation is null;

    private static string Text(IEnumerable<string> words) => string.Concat(words.Select(static word => $"{word} "));

    private static async Task<bool> Unit(WordGrain grain, Func<Journal<Words, string>, Task> call)
    {
        if (IsRunning(grain)) await call(grain.Journal);
        return true;
    }
}
