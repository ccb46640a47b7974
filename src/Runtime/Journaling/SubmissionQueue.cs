namespace Granary.Runtime;

/// <summary>
/// Submissions in the order in which they were raised, linked through themselves, so that a journal that has none holds
/// no list either.
/// </summary>
internal struct SubmissionQueue
{
    public Submission? First { get; private set; }

    public Submission? Last { get; private set; }

    public int Count { get; private set; }

    public void Enqueue(Submission submission)
    {
        if (Last is null) First = submission;
        else Last.Next = submission;
        Last = submission;
        Count++;
    }

    public Submission Dequeue()
    {
        var first = First!;
        First = first.Next;
        if (First is null) Last = null;
        first.Next = null;
        Count--;
        return first;
    }

    /// <summary>Removes the first so many, and returns them in their order.</summary>
    public SubmissionQueue Dequeue(int count)
    {
        var removed = default(SubmissionQueue);
        while (removed.Count < count) removed.Enqueue(Dequeue());
        return removed;
    }

    /// <summary>Removes those that land only where they were raised, and returns them in their order.</summary>
    public SubmissionQueue DequeueConditional()
    {
        var (kept, removed) = (default(SubmissionQueue), default(SubmissionQueue));
        while (Count > 0)
        {
            var submission = Dequeue();
            if (submission.IsConditional) removed.Enqueue(submission);
            else kept.Enqueue(submission);
        }

        this = kept;
        return removed;
    }

    /// <summary>All of them, as they are now.</summary>
    public readonly List<Submission> ToList()
    {
        var all = new List<Submission>(Count);
        for (var at = First; at is not null; at = at.Next) all.Add(at);
        return all;
    }

    /// <summary>The number of their events.</summary>
    public readonly int CountEvents()
    {
        var events = 0;
        for (var at = First; at is not null; at = at.Next) events += at.Count;
        return events;
    }
}
