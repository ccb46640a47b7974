using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>Shows a state as JSON, for people and programs to read; nothing is ever read back from it.</summary>
internal static class StateJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        IncludeFields = true,
        ReferenceHandler = ReferenceHandler.IgnoreCycles,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <exception cref="InvalidOperationException">The state cannot be shown.</exception>
    public static byte[] Of(object state)
    {
        if (state is IJsonState own) return own.ToJson().ToArray();
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(state, state.GetType(), Options);
        }
        catch (NotSupportedException fault)
        {
            throw new InvalidOperationException(
                $"State {state.GetType()} cannot be shown as JSON: {fault.Message} Implement IJsonState on it.", fault);
        }
    }
}
