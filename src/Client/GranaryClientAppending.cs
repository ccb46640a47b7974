using System.Runtime.CompilerServices;

namespace Granary.Client;

/// <summary>Sends many appends without waiting for each.</summary>
public static class GranaryClientAppending
{
    /// <summary>
    /// Sends appends as they come and returns their answers as they come. Appends to one stream are sent in their
    /// order, each when the one before it is answered; appends to different streams are in flight at the same time.
    /// Each succeeds or fails alone: an append that follows a failed one to the same stream is sent all the same, so
    /// give it an expected version where it must not land then.
    /// </summary>
    /// <remarks>
    /// The source is read only as far as appends may be in flight: at most <paramref name="inFlightMax"/>, and 8 MiB
    /// of memory unless a single append is larger. Those whose answers have not been read yet count, so read the
    /// answers while the source still gives appends. When the enumeration is ended early or cancelled, what is in
    /// flight runs to its end before the enumerator is disposed, and the rest that was read from the source is not
    /// sent.
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="appends">The appends. What it throws is thrown after the answers to all before it.</param>
    /// <param name="inFlightMax">How many appends are in flight at most, from 1.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public static IAsyncEnumerable<TaggedAnswer<TTag>> AppendManyAsync<TTag>(
        this IGranaryClient client,
        IAsyncEnumerable<TaggedAppend<TTag>> appends,
        int inFlightMax = 256,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(appends);
        ArgumentOutOfRangeException.ThrowIfLessThan(inFlightMax, 1);
        return SendAsync(client, appends, inFlightMax, cancellationToken);
    }

    // Each enumeration has a sender of its own.
    private static async IAsyncEnumerable<TaggedAnswer<TTag>> SendAsync<TTag>(
        IGranaryClient client,
        IAsyncEnumerable<TaggedAppend<TTag>> appends,
        int inFlightMax,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answers = new AppendSender<TTag>(client, inFlightMax).SendAsync(appends, cancellationToken);
        await foreach (var answer in answers) yield return answer;
    }
}
