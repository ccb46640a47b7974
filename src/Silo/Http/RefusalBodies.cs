using System.Collections.Frozen;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Granary.Silo;

/// <summary>
/// The server refuses what is not HTTP/1.1 before any call is made for it, with an empty body. It reports each such
/// refusal as a diagnostic event before it writes the response; the connection's writer is then given the problem
/// document that replaces the empty body.
/// </summary>
internal sealed class RefusalBodies : IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private static readonly Dictionary<int, (string Code, string Detail)> Refusals = new()
    {
        [400] = ("malformed-request", "The request is not HTTP/1.1 as RFC 9112 defines it: its request line, its "
            + "headers or the framing of its body are malformed."),
        [405] = ("method-not-allowed", "The target's form does not go with the method."),
        [408] = ("request-timeout", "The request came too slowly. Send it again."),
        [411] = ("length-required", "The request has neither Content-Length nor Transfer-Encoding: chunked."),
        [413] = ("too-large", "The request's body is too large."),
        [414] = ("target-too-long", "The request line is longer than the 12 KiB that it may have."),
        [431] = ("headers-too-large", "The headers are larger than 32 KiB or more than 100."),
        [505] = ("http-version-not-supported", "The server speaks HTTP/1.1."),
    };

    private readonly IDisposable _subscription;
    private readonly Lazy<Task<FrozenDictionary<int, byte[]>>> _bodies;

    public RefusalBodies(DiagnosticListener diagnostics, IServiceProvider services)
    {
        _bodies = new(() => RenderAsync(services));
        _subscription = diagnostics.Subscribe(this, static name => name == EventName);
    }

    /// <summary>Serves a connection with a writer that can fill an empty refusal.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var bodies = await _bodies.Value;
        var transport = connection.Transport;
        var writer = new RefusalWriter(transport.Output, bodies);
        connection.Transport = new DuplexPipe(transport.Input, writer);
        connection.Features.Set(writer);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> reported)
    {
        if (reported.Value is not IFeatureCollection features) return;
        var isHead = HttpMethods.IsHead(features.Get<IHttpRequestFeature>()?.Method ?? "");
        if (!isHead && features.Get<IHttpResponseFeature>() is { HasStarted: false } response)
            features.Get<RefusalWriter>()?.Fill(response.StatusCode);
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }

    public void Dispose() => _subscription.Dispose();

    // Written by what writes every other problem document, so that they all look alike.
    private static async Task<FrozenDictionary<int, byte[]>> RenderAsync(IServiceProvider services)
    {
        var bodies = new Dictionary<int, byte[]>();
        foreach (var (status, (code, detail)) in Refusals)
        {
            using var body = new MemoryStream();
            var context = new DefaultHttpContext { RequestServices = services };
            context.Response.Body = body;
            await Results.Problem(
                detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status),
                extensions: new Dictionary<string, object?> { ["code"] = code }).ExecuteAsync(context);

            // It would name the request that was made up here.
            var problem = JsonNode.Parse(body.ToArray())!.AsObject();
            problem.Remove("traceId");
            bodies[status] = System.Text.Encoding.UTF8.GetBytes(problem.ToJsonString());
        }

        return bodies.ToFrozenDictionary();
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
