using System.Collections.Concurrent;

namespace Granary.Runtime;

/// <summary>Submissions to be used again, with their buffers: raising an event then costs neither.</summary>
internal sealed class SubmissionPool
{
    private const int KeptMax = 4_096;

    private readonly ConcurrentQueue<Submission> _idle = new();
    private int _count;

    public Submission Rent()
    {
        if (!_idle.TryDequeue(out var submission)) return new Submission();
        Interlocked.Decrement(ref _count);
        return submission;
    }

    /// <summary>Takes one back. Nobody may look at its events or their payloads any more.</summary>
    public void Return(Submission submission)
    {
        submission.Clear();
        if (Interlocked.Increment(ref _count) <= KeptMax) _idle.Enqueue(submission);
        else Interlocked.Decrement(ref _count);
    }
}
