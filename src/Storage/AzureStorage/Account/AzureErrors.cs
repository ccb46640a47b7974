using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;

namespace Granary.Storage.AzureStorage;

/// <summary>Maps the answers of the service to Granary's exceptions, by status and error code.</summary>
internal static partial class AzureErrors
{
    private const int NotFound = 404, Conflict = 409, PreconditionFailed = 412, TooManyRequests = 429;

    /// <summary>A row or a blob is there that must not be, or is not what was read.</summary>
    public static bool IsRefused(RequestFailedException fault) =>
        fault.Status is Conflict or PreconditionFailed && !IsGone(fault);

    /// <summary>There is no such row or blob.</summary>
    public static bool IsAbsent(RequestFailedException fault) => fault.Status == NotFound && !IsGone(fault);

    /// <summary>The service is busy: it was not reached, or answers that it wants fewer requests.</summary>
    public static bool IsThrottled(Exception fault) =>
        fault is RequestFailedException { Status: TooManyRequests or 500 or 503 };

    /// <summary>
    /// Whether the request may have an effect after this: it has no answer, or one that does not say what became of it.
    /// </summary>
    public static bool MayLandLater(Exception fault) =>
        fault is not RequestFailedException { Status: (>= 400 and < 500 and not 408) or 503 };

    /// <summary>The same call may succeed a moment later. Whether it had an effect is not known.</summary>
    public static bool IsTransient(Exception fault, CancellationToken cancellationToken) => fault switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        RequestFailedException { Status: 0 or 408 or TooManyRequests or >= 500 } => true,
        AuthenticationFailedException => false,
        HttpRequestException or IOException or TimeoutException => true,
        AggregateException all => all.InnerExceptions.All(one => IsTransient(one, cancellationToken)),
        _ => false,
    };

    /// <summary>Whether it is an error of the service or of the way to it.</summary>
    public static bool IsOfService(Exception fault, CancellationToken cancellationToken) =>
        fault is RequestFailedException or AuthenticationFailedException || IsTransient(fault, cancellationToken);

    /// <summary>What the service answered to the call that has failed so; null where it is another error.</summary>
    public static AzureFault? FaultOf(GranaryException fault) =>
        ((fault.InnerException as ForeignException)?.Original ?? fault.InnerException) as AzureFault;

    public static GranaryException Map(Exception fault, string store) => fault switch
    {
        RequestFailedException answered => Map(answered, store),
        AuthenticationFailedException => new StoreUnavailableException(
            $"{store} cannot be opened: the process has no identity that gives a token. On Azure give it a managed "
            + "identity, on your own machine sign in with 'az login', or set "
            + $"{nameof(AzureStoreOptions.ConnectionString)} in the place of "
            + $"{nameof(AzureStoreOptions.TableEndpoint)}.", Plain(fault)),
        _ => new StoreUnavailableException(
            $"{store} did not answer in time. Check that the account can be reached; the store continues when it can.",
            Plain(fault)),
    };

    private static GranaryException Map(RequestFailedException fault, string store) => fault.Status switch
    {
        401 or 403 => new StoreReadOnlyException(
            $"{store} refused a request ({Text(fault)}). {Remedy(fault.ErrorCode)}", Plain(fault)),
        NotFound => new StoreCorruptException(
            $"A part of {store} is missing ({Text(fault)}). Restore it from a backup.", Plain(fault)),
        TooManyRequests or 503 => new StoreUnavailableException(
            $"{store} is busy ({Text(fault)}): it has more requests than the account takes. Try again; use more "
            + "accounts or partitions where it stays so.", Plain(fault)),
        0 => new StoreUnavailableException(
            $"The connection to {store} failed{Where(fault)}. Check that the account can be reached; the store "
            + "continues when it can.", Plain(fault)),
        >= 500 or 408 or Conflict or PreconditionFailed => new StoreUnavailableException(
            $"{store} failed ({Text(fault)}). Try again.", Plain(fault)),
        _ => new StoreReadOnlyException($"{store} refused a request ({Text(fault)}).", Plain(fault)),
    };

    // What the service calls a refusal, and what ends it.
    private static string Remedy(string? code) => code switch
    {
        // The emulator gives no code.
        null or "" or "AuthenticationFailed" or "InvalidAuthenticationInfo" =>
            "The key, the signature or the token is wrong or has expired, or the clock of this machine is wrong.",
        "KeyBasedAuthenticationNotPermitted" =>
            $"The account accepts no key: remove {nameof(AzureStoreOptions.ConnectionString)}, and set "
            + $"{nameof(AzureStoreOptions.TableEndpoint)}, which is used with the identity of the process.",
        "AuthorizationFailure" =>
            "The account's network rules do not allow this machine, or the signature does not allow tables and blobs.",
        _ => "Give the identity of the process the roles Storage Table Data Contributor and Storage Blob Data "
            + "Contributor on the account, and wait some minutes; or use a key or a signature that allows tables and "
            + "blobs.",
    };

    /// <summary>An error of the service without what may be secret: an address may end with a signature.</summary>
    public static AzureFault Plain(Exception fault) => new(
        $"{fault.GetType().Name}: {Secret().Replace(fault.Message, "$1...")}",
        (fault as RequestFailedException)?.Status ?? 0, (fault as RequestFailedException)?.ErrorCode);

    [GeneratedRegex("((?:sig|AccountKey|SharedAccessSignature)=)[^&;\\s\"']+", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    private static bool IsGone(RequestFailedException fault) =>
        fault.ErrorCode is "TableNotFound" or "ContainerNotFound" or "TableBeingDeleted" or "ContainerBeingDeleted";

    // The host that was not reached may be that of the blobs. The message of the connection has its name and no path.
    private static string Where(RequestFailedException fault) => fault.InnerException is HttpRequestException connection
        ? $" ({Secret().Replace(connection.Message, "$1...")})"
        : "";

    // Never the message: it may have the address with a signature.
    private static string Text(RequestFailedException fault) => $"{fault.Status} {fault.ErrorCode}".TrimEnd();
}
