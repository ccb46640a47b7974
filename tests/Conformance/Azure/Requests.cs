namespace Granary.Tests.Conformance.Azure;

/// <summary>What becomes of a request.</summary>
internal enum Fate
{
    /// <summary>It is sent and answered.</summary>
    Sent,

    /// <summary>It is sent, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>It is sent, and answered as if the service had failed.</summary>
    SentButFailed,

    /// <summary>It is sent, and answered as if the service had been too busy.</summary>
    SentButBusy,

    /// <summary>The service is too busy.</summary>
    Busy,

    /// <summary>The service has failed.</summary>
    Failed,

    /// <summary>It is held back, while its sender is without an answer.</summary>
    HeldBack,

    /// <summary>The service does not allow it.</summary>
    Forbidden,

    /// <summary>It is answered by what is in between, as if a row were there that must not be.</summary>
    Refused,
}

/// <summary>Sends the requests of a store, and decides what becomes of its transactions.</summary>
internal sealed class Requests() : DelegatingHandler(new SocketsHttpHandler())
{
    private int _transactions;
    private int _all;

    /// <summary>What becomes of a transaction, by its number from 1.</summary>
    public Func<int, Fate> FateOf { get; set; } = static _ => Fate.Sent;

    /// <summary>How many transactions there were.</summary>
    public int Transactions => Volatile.Read(ref _transactions);

    /// <summary>How many requests there were.</summary>
    public int All => Volatile.Read(ref _all);

    /// <summary>The last request, by its number from 1: the process ends with it. Null where it does not end.</summary>
    public int? Last { get; set; }

    /// <summary>Whether the last request is sent, and its answer lost.</summary>
    public bool IsLastSent { get; set; }

    /// <summary>The requests whose answers are lost, by their numbers from 1.</summary>
    public HashSet<int> Lost { get; } = [];

    /// <summary>
    /// The requests that are held back while their sender is without an answer, by their numbers from 1.
    /// </summary>
    public HashSet<int> Held { get; } = [];

    /// <summary>Runs before a request is sent, by its number from 1.</summary>
    public Func<HttpRequestMessage, int, Task>? Before { get; set; }

    /// <summary>Counts requests from 1 again.</summary>
    public void Restart() => (_all, _transactions) = (0, 0);

    /// <summary>Called when a transaction was sent, before its answer is given.</summary>
    public Func<int, Task> OnSent { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What was held back.</summary>
    public List<HttpRequestMessage> HeldBack { get; } = [];

    /// <summary>Sends what was held back; it may be sent once more later.</summary>
    public async Task<List<string>> ReleaseAsync()
    {
        var answers = new List<string>();
        HttpRequestMessage[] all;
        lock (HeldBack) all = [.. HeldBack];
        foreach (var held in all)
        {
            using var request = Copy(held);
            using var answer = await base.SendAsync(request, CancellationToken.None);
            answers.Add(await answer.Content.ReadAsStringAsync(CancellationToken.None));
        }

        return answers;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _all);
        if (Before is { } before) await before(request, number);
        if (number > Last || (number == Last && !IsLastSent)) throw new HttpRequestException("The process has ended.");
        if (Contains(Held, number))
        {
            lock (HeldBack) HeldBack.Add(Copy(request));
            throw new HttpRequestException("The connection was lost.");
        }

        if (number == Last || Contains(Lost, number))
        {
            (await base.SendAsync(request, cancellationToken)).Dispose();
            throw new HttpRequestException("The connection was lost.");
        }

        if (request.RequestUri?.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal) != true)
            return await base.SendAsync(request, cancellationToken);
        var transaction = Interlocked.Increment(ref _transactions);
        switch (FateOf(transaction))
        {
            case Fate.Busy:
                return Answer(request, 503);
            case Fate.Failed:
                return Answer(request, 500);
            case Fate.Forbidden:
                return Answer(request, 403);
            case Fate.Refused:
                return Answer(request, 409);
            case Fate.HeldBack:
                lock (HeldBack) HeldBack.Add(Copy(request));
                throw new HttpRequestException("The connection was lost.");
            case Fate.AnswerLost:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                await OnSent(transaction);
                throw new HttpRequestException("The connection was lost.");
            case Fate.SentButFailed:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                return Answer(request, 500);
            case Fate.SentButBusy:
                (await base.SendAsync(request, cancellationToken)).Dispose();
                return Answer(request, 503);
            default:
                var answer = await base.SendAsync(request, cancellationToken);
                await OnSent(transaction);
                return answer;
        }
    }

    private static bool Contains(HashSet<int> some, int number)
    {
        lock (some) return some.Contains(number);
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, int status) =>
        new((System.Net.HttpStatusCode)status) { RequestMessage = request, Content = new StringContent("") };

    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        var copy = new HttpRequestMessage(request.Method, request.RequestUri);
        foreach (var (name, values) in request.Headers) copy.Headers.TryAddWithoutValidation(name, values);
        if (request.Content is not { } content) return copy;
        using var buffer = new MemoryStream();
        content.CopyTo(buffer, null, CancellationToken.None);
        copy.Content = new ByteArrayContent(buffer.ToArray());
        foreach (var (name, values) in content.Headers) copy.Content.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }
}
