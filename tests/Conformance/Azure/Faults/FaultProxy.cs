using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Conformance.Azure.Faults;

/// <summary>
/// A server between a store and one service of the account. It passes requests on as they are, and harms some of them,
/// by a seed. What it has begun to pass on it finishes, whether or not the sender still waits.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<Harm, int> _done = new();
    private readonly ConcurrentBag<Task> _begun = [];
    private readonly HttpClient _service = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    });

    private readonly Lock _lock = new();
    private readonly WebApplication _server;
    private readonly Uri _target;
    private readonly Random _random;
    private readonly int _harmedPercent;
    private readonly TimeSpan _senderWaits;
    private readonly TimeProvider _time;

    private FaultProxy(Uri target, int seed, int harmedPercent, TimeSpan senderWaits, TimeProvider time)
    {
        (_target, _random, _harmedPercent) = (target, new Random(seed), harmedPercent);
        (_senderWaits, _time) = (senderWaits, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static server =>
        {
            server.Listen(IPAddress.Loopback, 0);
            server.AddServerHeader = false;
            server.AllowSynchronousIO = false;
        });
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <summary>The address that stands for the service's.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Whether it harms anything.</summary>
    public bool IsHarmful { get; set; } = true;

    /// <summary>How often it has done what.</summary>
    public IReadOnlyDictionary<Harm, int> Done => _done;

    /// <summary>Starts a proxy.</summary>
    /// <param name="target">The service.</param>
    /// <param name="seed">What decides about requests.</param>
    /// <param name="harmedPercent">How many of 100 requests are harmed.</param>
    /// <param name="senderWaits">How long a sender waits for an answer.</param>
    /// <param name="time">The clock of the delays.</param>
    public static async Task<FaultProxy> StartAsync(
        Uri target, int seed, int harmedPercent, TimeSpan senderWaits, TimeProvider time)
    {
        var proxy = new FaultProxy(target, seed, harmedPercent, senderWaits, time);
        await proxy._server.StartAsync();
        var address = proxy._server.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        proxy.Address = new Uri(new Uri(address), target.AbsolutePath);
        return proxy;
    }

    /// <summary>Ends when all that was begun has been passed on and answered by the service.</summary>
    public Task DrainAsync() => Task.WhenAll(_begun);

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(new CancellationToken(canceled: true));
        await DrainAsync();
        await _server.DisposeAsync();
        _service.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (harm, delay) = Decide();
        _done.AddOrUpdate(harm, 1, static (_, count) => count + 1);
        switch (harm)
        {
            case Harm.ResetBefore:
                context.Abort();
                return;
            case Harm.Busy or Harm.BusyForAWhile or Harm.TooMany or Harm.TooManyForAWhile or Harm.Failed:
                Refuse(context, harm);
                return;
        }

        var passing = PassOnAsync(harm, delay, await CopyAsync(context.Request));
        _begun.Add(passing);
        var answer = await passing;
        if (harm is Harm.ResetAfter or Harm.TooLate or Harm.AnsweredTooLate) context.Abort();
        else if (harm is Harm.FailedAfter or Harm.BusyAfter) Refuse(context, harm);
        else await answer.WriteAsync(context.Response);
    }

    private (Harm Harm, TimeSpan Delay) Decide()
    {
        lock (_lock)
        {
            if (!IsHarmful || _random.Next(100) >= _harmedPercent) return (Harm.None, TimeSpan.Zero);
            var harm = (Harm)_random.Next(1, (int)Harm.BusyAfter + 1);
            var share = _random.NextDouble();
            return harm switch
            {
                Harm.Delayed or Harm.PassedOnTwice => (harm, share * DelayMax),
                Harm.TooLate or Harm.AnsweredTooLate => (harm, _senderWaits + share * DelayMax),
                _ => (harm, TimeSpan.Zero),
            };
        }
    }

    private async Task<PassedAnswer> PassOnAsync(Harm harm, TimeSpan delay, PassedRequest request)
    {
        if (harm != Harm.AnsweredTooLate) await DelayAsync(delay);
        var answer = await request.SendAsync(_service);
        if (harm == Harm.PassedOnTwice) answer = await request.SendAsync(_service);
        if (harm == Harm.AnsweredTooLate) await DelayAsync(delay);
        return answer;
    }

    private Task DelayAsync(TimeSpan delay) =>
        delay == TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, _time, CancellationToken.None);

    // Whole before it is passed on: what is cut off is not the service's to judge.
    private async Task<PassedRequest> CopyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var address = new UriBuilder(request.GetEncodedUrl()) { Host = _target.Host, Port = _target.Port };
        return new PassedRequest(
            new HttpMethod(request.Method), address.Uri, [.. request.Headers], body.ToArray());
    }

    private static void Refuse(HttpContext context, Harm harm)
    {
        context.Response.StatusCode = harm switch
        {
            Harm.TooMany or Harm.TooManyForAWhile => StatusCodes.Status429TooManyRequests,
            Harm.Failed or Harm.FailedAfter => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        if (harm is Harm.BusyForAWhile or Harm.TooManyForAWhile)
            context.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
    }
}
