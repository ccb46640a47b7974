using System.Net;
using System.Reflection;
using Granary.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Granary.Tests.Integration;

/// <summary>The gateway alone, over a socket, before a cluster that fails in every way that it can.</summary>
public sealed class ErrorMappingTests : IAsyncLifetime
{
    private static readonly StreamName Stream = new("orders", "1");

    private WebApplication _app = null!;
    private Api _api = null!;
    private Exception _fault = new InvalidOperationException();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Failing<IGranaryClient>());
        builder.Services.AddSingleton(Failing<IGrainFactory>());
        builder.Services.AddGranaryGateway();
        _app = builder.Build();
        _app.MapGranary();
        _app.MapGranaryLedger();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _api = new Api(new Uri(_app.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _app.DisposeAsync();
    }

    public static TheoryData<Exception, HttpStatusCode> Faults => new()
    {
        { new StoreUnavailableException("/secret is away."), HttpStatusCode.ServiceUnavailable },
        { new StoreReadOnlyException("/secret is read-only."), HttpStatusCode.ServiceUnavailable },
        { new EventsNotConfirmedException(Stream, new(1), 1, "secret."), HttpStatusCode.ServiceUnavailable },
        { new TimeoutException("secret"), HttpStatusCode.ServiceUnavailable },
        { new StoreCorruptException("/secret is damaged."), HttpStatusCode.InternalServerError },
        { new StateNotShownException("State", "a loop."), HttpStatusCode.InternalServerError },
        {
            new StateNotSupportedException(typeof(object), "State.Member", "a delegate."),
            HttpStatusCode.InternalServerError
        },
        { new InvalidOperationException("secret"), HttpStatusCode.InternalServerError },
        { new LimitExceededException("event", 2, 1, "Send less."), HttpStatusCode.RequestEntityTooLarge },
        { new CommandIdReusedException(Stream, "k"), HttpStatusCode.UnprocessableEntity },
        { new EventNotApplicableException(Stream, "t", new FormatException()), HttpStatusCode.UnprocessableEntity },
        { new CategoryOwnedException("account"), HttpStatusCode.Conflict },
        { new InvalidStreamKeyException("by-number", "2A", GrainKeyKind.Integer), HttpStatusCode.NotFound },
        { new NotOnGranaryException("grain"), HttpStatusCode.NotFound },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task Every_fault_has_its_status_and_exposes_no_secret(Exception fault, HttpStatusCode status)
    {
        _fault = fault;
        foreach (var answer in new[]
        {
            await _api.PostAsync("/api/streams/orders/1", Events.Numbered(1)),
            await _api.GetAsync("/api/streams/orders/1"),
            await _api.GetAsync("/api/streams/orders/1/events"),
            await _api.GetAsync("/api/streams/orders/1/state"),
            await _api.GetAsync("/api/log"),
            await _api.PostAsync("/api/accounts/1/deposits", """{"amount":1,"currency":"EUR"}"""),
            await _api.GetAsync("/api/accounts/1"),
        })
        {
            answer.IsProblem(status);
            Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
            Assert.Equal(status == HttpStatusCode.ServiceUnavailable, answer.Headers.ContainsKey("Retry-After"));
        }
    }

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_store_that_cannot_be_read_is_not_ready_whatever_the_reason(
        Exception fault, HttpStatusCode status)
    {
        _fault = fault;
        Assert.NotEqual(HttpStatusCode.OK, status);
        var answer = await _api.GetAsync("/health/ready");
        Assert.Equal("not-ready", answer.IsProblem(HttpStatusCode.ServiceUnavailable)["code"]!.GetValue<string>());
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_is_live_though_the_store_is_unavailable() =>
        (await _api.GetAsync("/health/live")).Is(HttpStatusCode.OK);

    private TService Failing<TService>()
        where TService : class
    {
        var proxy = DispatchProxy.Create<TService, FailingProxy>();
        ((FailingProxy)(object)proxy).Fault = () => _fault;
        return proxy;
    }

    // Not sealed: the runtime derives the proxy from it.
    public class FailingProxy : DispatchProxy
    {
        public Func<Exception> Fault { get; set; } = static () => new InvalidOperationException();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw Fault();
    }
}
