using System.Text.Json;
using System.Text.Json.Serialization;

namespace Granary.Runtime;

/// <summary>Shows a state as JSON, for people and programs to read; nothing is ever read back from it.</summary>
internal static class StateJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        ReferenceHandler = ReferenceHandler.IgnoreCycles,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <exception cref="StateNotShownException">The state cannot be shown.</exception>
    public static byte[] Of(object state)
    {
        try
        {
            return state is IJsonState own
                ? own.ToJson().ToArray()
                : JsonSerializer.SerializeToUtf8Bytes(state, state.GetType(), Options);
        }
        catch (Exception fault)
        {
            // Anything may come from here: the state's own getters are called.
            throw new StateNotShownException(state.GetType().ToString(), fault.Message, fault);
        }
    }
}
