using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Granary.Gateway;

/// <summary>
/// The models that an append's caller wants to have seen it. The append is stored before they are waited for, and
/// stands whatever comes of the wait.
/// </summary>
internal sealed class ModelConfirmation
{
    /// <summary>The header that names the projections.</summary>
    public const string Asked = "Granary-Confirm";

    /// <summary>The header of the answer with the projections that have seen the append.</summary>
    public const string Seen = "Granary-Confirmed";

    /// <summary>The header of the answer with those that have not, and how far they are or why not.</summary>
    public const string NotSeen = "Granary-Unconfirmed";

    /// <summary>How many projections an append is confirmed by at most.</summary>
    public const int NamesMax = 10;

    private const int NameLengthMax = 100;

    private readonly string[] _names;
    private readonly TimeSpan _timeout;

    private ModelConfirmation(string[] names, TimeSpan timeout) => (_names, _timeout) = (names, timeout);

    /// <summary>Reads what is asked for; null for nothing.</summary>
    public static ModelConfirmation? Of(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Asked, out var sent))
        {
            if (request.Query.ContainsKey("wait"))
                throw RequestQuery.Invalid($"wait belongs to the header {Asked}, which is not sent.");
            return null;
        }

        string[] names =
        [
            .. sent.SelectMany(static one => (one ?? "").Split(',', StringSplitOptions.TrimEntries))
                .Distinct(StringComparer.Ordinal),
        ];
        if (names.Length > NamesMax || !Array.TrueForAll(names, IsName))
            throw ApiProblem.BadRequest(
                "invalid-header",
                $"{Asked} has the names of 1 to {NamesMax} projections, parted by commas, as in balances, totals.");
        return new ModelConfirmation(
            names, ModelQueryParameters.WaitSeconds(request) ?? ModelWait.DefaultTimeout);
    }

    /// <summary>Waits for the models, and writes what they have seen as headers of the answer.</summary>
    /// <param name="grains">Where they are asked.</param>
    /// <param name="position">The append's position; zero where it is not known.</param>
    /// <param name="response">The answer of the append.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(
        IGrainFactory grains, LogPosition position, HttpResponse response, CancellationToken cancellationToken)
    {
        var faults = await Task.WhenAll(_names.Select(
            name => FaultOfAsync(grains, name, position, response.HttpContext, cancellationToken)));
        var (seen, notSeen) = (new List<string>(), new List<string>());
        foreach (var (name, fault) in _names.Zip(faults))
        {
            if (fault is null) seen.Add(name);
            else notSeen.Add($"{name};{fault}");
        }

        if (seen.Count > 0) response.Headers[Seen] = new StringValues(string.Join(", ", seen));
        if (notSeen.Count > 0) response.Headers[NotSeen] = new StringValues(string.Join(", ", notSeen));
    }

    // Null where the models have seen it. No error of the wait may look like an error of the append.
    private async Task<string?> FaultOfAsync(
        IGrainFactory grains, string name, LogPosition position, HttpContext context,
        CancellationToken cancellationToken)
    {
        // Of events that were removed since the position is not known.
        if (position.Position <= GlobalPosition.Zero) return "reason=position-unknown";
        try
        {
            await grains.GetGrain<IModelGrain>(0).WaitFor(
                name, ModelWait.For(position, _timeout), cancellationToken);
            return null;
        }
        catch (ModelsBehindException behind)
        {
            return $"passed=\"{behind.Passed}\"";
        }
        catch (ProjectionUnknownException)
        {
            return "reason=projection-unknown";
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Problems.Logger(context).AppendNotConfirmed(
                fault, RequestTarget.Path(context), name, RequestTrace.IdOf(context));
            return "reason=no-answer";
        }
    }

    private static bool IsName(string text) => text.Length is > 0 and <= NameLengthMax
        && text.All(static one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_' or '.');
}
