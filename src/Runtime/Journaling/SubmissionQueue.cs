namespace Granary.Runtime;

/// <summary>
/// Submissions in the order in which they were raised, linked through themselves, so that a journal that has none holds
/// no list either.
/// </summary>
internal struct SubmissionQueue
{
    private Submission? _last;

    public Submission? First { get; private set; }

    public int Count { get; private set; }

    public void Add(Submission submission)
    {
        if (_last is null) First = submission;
        else _last.Next = submission;
        _last = submission;
        Count++;
    }

    /// <summary>Takes the first so many out, in their order.</summary>
    public SubmissionQueue Take(int count)
    {
        var taken = default(SubmissionQueue);
        while (taken.Count < count) taken.Add(TakeFirst());
        return taken;
    }

    /// <summary>Takes out those that are to land only where they were raised.</summary>
    public SubmissionQueue TakeConditional()
    {
        var (kept, taken) = (default(SubmissionQueue), default(SubmissionQueue));
        while (Count > 0)
        {
            var submission = TakeFirst();
            if (submission.IsConditional) taken.Add(submission);
            else kept.Add(submission);
        }

        this = kept;
        return taken;
    }

    public Submission TakeFirst()
    {
        var first = First!;
        First = first.Next;
        if (First is null) _last = null;
        first.Next = null;
        Count--;
        return first;
    }

    /// <summary>All of them, as they are now.</summary>
    public readonly List<Submission> ToList()
    {
        var all = new List<Submission>(Count);
        for (var at = First; at is not null; at = at.Next) all.Add(at);
        return all;
    }
}
