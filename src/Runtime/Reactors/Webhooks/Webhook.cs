using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Granary.Runtime;

/// <summary>Sends the events of a webhook, signed, to its receiver: an effect each.</summary>
internal sealed class Webhook : IEffects, IDisposable
{
    public const string KeyHeader = "Idempotency-Key";

    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly WebhookSignature _signature;
    private readonly SecretMask _mask;
    private readonly HttpClient _client;
    private readonly Effect[] _effects;

    /// <summary>Makes a webhook.</summary>
    /// <param name="options">The options, checked.</param>
    /// <param name="time">The clock of time stamps and time-outs.</param>
    /// <param name="resolve">Finds the addresses of the receiver's name.</param>
    public Webhook(WebhookOptions options, TimeProvider time, NameResolver resolve)
    {
        (_options, _time, _effects) = (options, time, [SendAsync]);
        string[] secrets = options.OtherSecret is { } other ? [options.Secret!, other] : [options.Secret!];
        _signature = new WebhookSignature(secrets);
        _mask = new SecretMask(options.Url!, secrets);
        var rule = new AddressRule(options.AllowPrivateAddresses, [.. options.AllowedNetworks]);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
            ConnectCallback = new WebhookConnector(rule, resolve).ConnectAsync,
        })
        {
            // Each request has a time-out of its own, on the injected clock.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The reader of the log that a webhook is.</summary>
    public static EffectReader Read(string reader, Webhook webhook, WebhookOptions options)
    {
        var tries = new ReactorOptions
        {
            FromBeginning = options.FromBeginning,
            TriesMax = options.TriesMax,
            RetryDelayMs = options.RetryDelayMs,
            RetryDelayMaxMs = options.RetryDelayMaxMs,
            ConcurrencyMax = options.ConcurrencyMax,
        };
        return new EffectReader(reader, webhook, tries)
        {
            Filter = new LogFilter
            {
                Categories = options.Categories.Count > 0 ? options.Categories.ToHashSet() : null,
                EventTypes = options.EventTypes.Count > 0 ? options.EventTypes.ToHashSet() : null,
            },
        };
    }

    /// <inheritdoc />
    public IReadOnlyList<Effect> Of(RecordedEvent @event) => _effects;

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private async Task SendAsync(EffectContext context, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.TimeoutMs), _time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = Describe(context);
            using var response = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, ends.Token);
            var body = await ReadStartAsync(response.Content, ends.Token);
            context.Answer = _mask.Apply($"{(int)response.StatusCode} {body}".TrimEnd());
            if (!response.IsSuccessStatusCode) throw Refused(response);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookFailedException($"The receiver did not answer within {_options.TimeoutMs} ms.");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            // Without the fault itself: what it quotes may be anything.
            for (var cause = fault; cause is not null; cause = cause.InnerException)
            {
                if (cause is WebhookFailedException refused) throw new WebhookFailedException(refused.Message);
            }

            var error = (fault as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown;
            throw new WebhookFailedException($"The receiver was not reached, or did not answer properly ({error}).");
        }
    }

    private HttpRequestMessage Describe(EffectContext context)
    {
        var body = CloudEventBody.Write(context.Event, _options.Source, context.EffectId);
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Url)
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEventBody.ContentType, "utf-8");
        request.Headers.Add(WebhookSignature.Header, _signature.Sign(_time.GetUtcNow(), body));
        request.Headers.Add(KeyHeader, context.EffectId.ToString("D"));
        request.Headers.Add("Granary-Try", context.Try.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("User-Agent", "Granary");
        return request;
    }

    private WebhookFailedException Refused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
            return new($"The receiver answered {status}. A redirect is not followed: set Url to where it leads.");
        var asked = response.Headers.RetryAfter;
        var after = asked?.Delta ?? (asked?.Date is { } date ? date - _time.GetUtcNow() : null);
        return new($"The receiver answered {status}; it must answer 2xx.") { RetryAfter = after };
    }

    // What is longer is not read: the connection ends with the response.
    private static async ValueTask<string> ReadStartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var start = new byte[EffectContext.AnswerLengthMax];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(
            start, start.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(start, 0, length);
    }
}
