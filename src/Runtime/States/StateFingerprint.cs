using System.IO.Hashing;
using System.Reflection;
using System.Text;

namespace Granary.Runtime;

/// <summary>A hash of a state type's shape: its fields and theirs, in the application's own types.</summary>
internal static class StateFingerprint
{
    private const int DepthMax = 16;

    public static string Of(Type type)
    {
        var text = new StringBuilder();
        text.Append(type.GetCustomAttribute<StateSchemaAttribute>(inherit: false)?.Version ?? 0).Append(';');
        Describe(type, text, [], depth: 0);
        return Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static void Describe(Type type, StringBuilder text, HashSet<Type> seen, int depth)
    {
        text.Append(type).Append('{');
        foreach (var argument in type.GetGenericArguments()) Describe(argument, text, seen, depth + 1);
        if (type.GetElementType() is { } element) Describe(element, text, seen, depth + 1);
        if (depth < DepthMax && seen.Add(type) && !IsFramework(type))
        {
            for (var at = type; at is not null && !IsFramework(at); at = at.BaseType)
            foreach (var field in FieldsOf(at))
            {
                text.Append(field.Name).Append('#').Append(SerializedMembers.IdOf(field)).Append(':');
                Describe(field.FieldType, text, seen, depth + 1);
            }
        }

        text.Append('}');
    }

    // As declared: the members of a record are written by their place.
    private static IEnumerable<FieldInfo> FieldsOf(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .OrderBy(static field => field.MetadataToken);

    private static bool IsFramework(Type type) =>
        type.IsPrimitive || type.Namespace == "System"
        || type.Namespace?.StartsWith("System.", StringComparison.Ordinal) == true;
}
