using System.Collections.Concurrent;
using System.Net;
using Granary.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Unit.Reactors;

/// <summary>A server on loopback that receives webhooks.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Secret = "a-secret-that-nobody-may-ever-see-in-a-log";
    public const string Token = "query-token-of-the-receiver";

    private WebApplication _app = null!;

    public ConcurrentQueue<Request> Received { get; } = [];

    /// <summary>Answers a request: by its number, from 1.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = static (_, _) => Task.CompletedTask;

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        receiver._app = builder.Build();
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Options of a webhook that sends here.</summary>
    public WebhookOptions Options(Action<WebhookOptions>? configure = null)
    {
        var options = new WebhookOptions
        {
            Url = new Uri($"http://receiver.test:{Port}/in?token={Token}"),
            Secret = Secret,
            AllowHttp = true,
            AllowPrivateAddresses = true,
            TimeoutMs = 300_000,
        };
        configure?.Invoke(options);
        WebhookRules.Check("orders", options);
        return options;
    }

    /// <summary>Every name is this computer's.</summary>
    public static Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Task.FromResult<IPAddress[]>([IPAddress.Loopback]);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(
            static one => one.Key, static one => one.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Received.Enqueue(new Request(context.Request.Path, headers, body.ToArray()));
        await Answer(context, Received.Count);
    }

    internal sealed record Request(string Path, Dictionary<string, string> Headers, byte[] Body);
}
