using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Granary.Runtime;
using Microsoft.AspNetCore.Http;

namespace Granary.Tests.Unit.Reactors;

/// <summary>Events are sent signed, tried again, and never to where they may not go.</summary>
public sealed class WebhookTests
{
    private readonly EffectBench _bench = new();

    [Fact]
    public async Task An_event_is_sent_as_a_signed_cloud_event_whose_key_is_the_effects_id()
    {
        await using var receiver = await StartAsync();
        var placed = _bench.Record("42", """{"total":7.50}""");
        await EffectBench.HandleAsync(Handler(receiver.Options()), placed);

        var request = Assert.Single(receiver.Received);
        Assert.Equal("application/cloudevents+json; charset=utf-8", request.Headers["Content-Type"]);
        var id = EffectIds.Of("webhook-orders", placed.Id, 0);
        Assert.Equal(id.ToString("D"), request.Headers["Idempotency-Key"]);
        var seconds = _bench.Time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal($"t={seconds},v1={Hmac(WebhookReceiver.Secret, seconds, request.Body)}",
            request.Headers["Granary-Signature"]);
        using var json = JsonDocument.Parse(request.Body);
        var (body, expected) = (json.RootElement, new Dictionary<string, string>
        {
            ["specversion"] = "1.0", ["id"] = placed.Id.ToString(), ["source"] = "/granary", ["type"] = "order-placed",
            ["subject"] = "orders/42", ["datacontenttype"] = "application/json", ["streamversion"] = "1",
            ["effectid"] = id.ToString(),
        });
        foreach (var (name, value) in expected) Assert.Equal(value, body.GetProperty(name).GetString());
        Assert.Equal("""{"total":7.50}""", body.GetProperty("data").GetRawText());
        Assert.Equal(placed.Timestamp, body.GetProperty("time").GetDateTimeOffset());
    }

    [Fact]
    public async Task With_two_secrets_a_request_has_a_signature_of_each()
    {
        await using var receiver = await StartAsync();
        var other = new string('o', 32);
        await EffectBench.HandleAsync(
            Handler(receiver.Options(options => options.OtherSecret = other)), _bench.Record("1"));
        var request = Assert.Single(receiver.Received);
        var seconds = _bench.Time.GetUtcNow().ToUnixTimeSeconds();
        var (first, second) = (Hmac(WebhookReceiver.Secret, seconds, request.Body), Hmac(other, seconds, request.Body));
        Assert.Equal($"t={seconds},v1={first},v1={second}", request.Headers["Granary-Signature"]);
    }

    [Fact]
    public async Task A_payload_that_is_not_json_is_sent_as_base_64()
    {
        await using var receiver = await StartAsync();
        var plain = _bench.Record("1");
        var binary = new RecordedEvent
        {
            Stream = plain.Stream, Version = plain.Version, Position = plain.Position, Id = plain.Id,
            AppendId = plain.AppendId, Type = plain.Type, SchemaVersion = 1, Timestamp = plain.Timestamp,
            ContentType = "application/octet-stream", Payload = new byte[] { 0, 1, 255 }, Metadata = plain.Metadata,
        };
        await EffectBench.HandleAsync(Handler(receiver.Options()), binary);
        using var json = JsonDocument.Parse(Assert.Single(receiver.Received).Body);
        Assert.Equal([0, 1, 255], json.RootElement.GetProperty("data_base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task A_receiver_that_fails_is_tried_again_with_the_same_key_and_body()
    {
        await using var receiver = await StartAsync();
        receiver.Answer = (context, number) =>
        {
            context.Response.StatusCode = number < 3 ? 503 : 204;
            return Task.CompletedTask;
        };
        var placed = _bench.Record("1");
        await EffectBench.HandleAsync(Handler(receiver.Options()), placed);
        await EffectBench.HandleAsync(Handler(receiver.Options()), placed);

        Assert.Equal(3, receiver.Received.Count);
        Assert.Single(receiver.Received.Select(static one => one.Headers["Idempotency-Key"]).Distinct());
        Assert.Single(receiver.Received.Select(static one => Convert.ToHexString(one.Body)).Distinct());
        Assert.Equal(["1", "2", "3"], receiver.Received.Select(static one => one.Headers["Granary-Try"]));
        Assert.Equal((true, 3, "204"), await FindAsync(placed));
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_has_failed()
    {
        await using var receiver = await StartAsync();
        receiver.Answer = static async (context, _) =>
        {
            var aborted = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            await aborted.Task;
        };
        var handler = Handler(receiver.Options(static options => (options.TimeoutMs, options.TriesMax) = (1_000, 2)));
        var failed = await EffectBench.FailAsync(handler, _bench.Record("1"));
        Assert.Contains("1000 ms", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_refused_and_not_followed(int status)
    {
        await using var receiver = await StartAsync();
        receiver.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"http://127.0.0.1:{receiver.Port}/metadata";
            return Task.CompletedTask;
        };
        var handler = Handler(receiver.Options(static options => options.TriesMax = 1));
        var failed = await EffectBench.FailAsync(handler, _bench.Record("1"));
        Assert.Contains("redirect", failed.Message, StringComparison.Ordinal);
        Assert.Equal("/in", Assert.Single(receiver.Received).Path);
    }

    [Theory]
    [InlineData("receiver.test")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    public async Task A_host_whose_address_is_not_public_is_refused_whatever_its_name(string host)
    {
        await using var receiver = await StartAsync();
        var options = receiver.Options(options => (options.AllowPrivateAddresses, options.TriesMax, options.Url) =
            (false, 1, new Uri($"http://{host}:{receiver.Port}/in")));
        var failed = await EffectBench.FailAsync(Handler(options), _bench.Record("1"));
        Assert.Contains("is not public", failed.Message, StringComparison.Ordinal);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_name_that_resolves_to_another_address_later_is_checked_again()
    {
        await using var receiver = await StartAsync();
        receiver.Answer = static (context, _) =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        };
        var options = receiver.Options(static options =>
        {
            (options.AllowPrivateAddresses, options.TriesMax) = (false, 1);
            options.AllowedNetworks.Add(IPNetwork.Parse("127.0.0.1/32"));
        });
        var address = IPAddress.Loopback;
        var handler = Handler(options, (_, _) => Task.FromResult<IPAddress[]>([address]));
        await EffectBench.HandleAsync(handler, _bench.Record("1"));
        address = IPAddress.Parse("127.0.0.2");
        var failed = await EffectBench.FailAsync(handler, _bench.Record("2"));
        Assert.Contains("is not public", failed.Message, StringComparison.Ordinal);
        Assert.Single(receiver.Received);
    }

    [Fact]
    public async Task Of_an_answer_without_end_the_beginning_is_kept_and_no_more_is_read()
    {
        await using var receiver = await StartAsync();
        receiver.Answer = static async (context, _) =>
        {
            var chunk = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        };
        var placed = _bench.Record("1");
        await EffectBench.HandleAsync(Handler(receiver.Options()), placed);
        Assert.Equal(EffectContext.AnswerLengthMax, (await FindAsync(placed)).Answer!.Length);
    }

    [Fact]
    public async Task Secrets_are_in_no_log_no_error_and_no_row_even_if_the_receiver_repeats_them()
    {
        await using var receiver = await StartAsync();
        receiver.Answer = static (context, _) =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync($"{WebhookReceiver.Secret} {context.Request.QueryString}");
        };
        var options = receiver.Options(static options => options.TriesMax = 2);
        var placed = _bench.Record("1");
        var failed = await EffectBench.FailAsync(Handler(options), placed);
        await receiver.DisposeAsync();
        var unreached = await EffectBench.FailAsync(Handler(options), _bench.Record("2"));

        var rows = await _bench.Models.QueryAsync(new ModelQuery(EffectTables.Effects), EffectBench.Token);
        Assert.Equal(2, rows.Rows.Count);
        var shown = string.Concat(rows.Rows.Select(static one => Encoding.UTF8.GetString(one.Document.Span)))
            + _bench.Log + failed + unreached + options;
        Assert.Contains("500", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(WebhookReceiver.Secret, shown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(WebhookReceiver.Token, shown, StringComparison.OrdinalIgnoreCase);
    }

    private static string Hmac(string secret, long seconds, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{seconds}."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }

    private async Task<WebhookReceiver> StartAsync()
    {
        await _bench.StartAsync();
        return await WebhookReceiver.StartAsync();
    }

    private async Task<(bool Done, int Tries, string? Answer)> FindAsync(RecordedEvent placed)
    {
        var id = EffectIds.Of("webhook-orders", placed.Id, 0);
        var known = await _bench.Ledger.FindAsync(id, EffectBench.Token);
        return (known!.Done, known.Tries, known.Answer);
    }

    private EffectHandler Handler(WebhookOptions options, NameResolver? resolve = null) => new(
        Webhook.Read(
            "webhook-orders", new Webhook(options, _bench.Time, resolve ?? WebhookReceiver.ResolveAsync), options),
        _bench.Services);
}
