using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>A request that can be passed on, once or twice.</summary>
internal sealed record PassedRequest(
    HttpMethod Method, Uri Address, KeyValuePair<string, StringValues>[] Headers, byte[] Body)
{
    private static readonly string[] OfTheConnection = ["Host", "Connection", "Transfer-Encoding", "Expect"];

    public async Task<PassedAnswer> SendAsync(HttpClient service)
    {
        using var request = new HttpRequestMessage(Method, Address);
        if (Body.Length > 0 || Method == HttpMethod.Put || Method == HttpMethod.Post)
            request.Content = new ByteArrayContent(Body);
        foreach (var (name, values) in Headers)
        {
            if (OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase)) continue;
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        using var answer = await service.SendAsync(request, CancellationToken.None);
        var body = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        return new PassedAnswer(
            (int)answer.StatusCode, [.. answer.Headers, .. answer.Content.Headers], body);
    }
}

/// <summary>The service's answer, whole.</summary>
internal sealed record PassedAnswer(
    int Status, KeyValuePair<string, IEnumerable<string>>[] Headers, byte[] Body)
{
    private static readonly string[] OfTheConnection = ["Connection", "Keep-Alive", "Transfer-Encoding"];

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        foreach (var (name, values) in Headers)
        {
            if (!OfTheConnection.Contains(name, StringComparer.OrdinalIgnoreCase))
                response.Headers[name] = values.ToArray();
        }

        if (Body.Length > 0) await response.Body.WriteAsync(Body, CancellationToken.None);
    }
}
