using System.Reflection;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// A hash of a state type's shape: its fields and theirs, in the application's own types, and the events that it folds.
/// </summary>
internal sealed class StateFingerprint
{
    private const int DepthMax = 16;

    private readonly StringBuilder _text = new();
    private readonly HashSet<Type> _seen = [];

    private StateFingerprint()
    {
    }

    /// <summary>The hash for a state type.</summary>
    public static string Of(Type type) => Of(type, out _);

    /// <summary>The hash for a state type, and the types whose shape is in it.</summary>
    public static string Of(Type type, out IReadOnlySet<Type> described)
    {
        var shape = new StateFingerprint();
        shape._text.AppendJoin(',', FoldedBy(type)).Append(';');
        shape.Describe(type, depth: 0);
        described = shape._seen;
        return FoldFingerprint.Hash(shape._text.ToString());
    }

    /// <summary>The hash of further types, which only the objects of a state show; in any order.</summary>
    public static string Of(IEnumerable<Type> types)
    {
        var shape = new StateFingerprint();
        foreach (var type in types.OrderBy(static one => one.AssemblyQualifiedName, StringComparer.Ordinal))
            shape.Describe(type, depth: 0);
        return FoldFingerprint.Hash(shape._text.ToString());
    }

    private void Describe(Type type, int depth)
    {
        _text.Append(type).Append('{');
        foreach (var argument in type.GetGenericArguments()) Describe(argument, depth + 1);
        if (type.GetElementType() is { } element) Describe(element, depth + 1);
        if (type.IsEnum) DescribeNames(type);
        if (depth < DepthMax && _seen.Add(type) && !StateKinds.IsFramework(type))
        {
            for (var at = type; at is not null && !StateKinds.IsFramework(at); at = at.BaseType)
                DescribeFields(at, depth);
        }

        _text.Append('}');
    }

    // A base class, or a part of the state, may do the folding, and then has a version of its own.
    private void DescribeFields(Type type, int depth)
    {
        if (FoldFingerprint.VersionOf(type) is var version and not 0) _text.Append('v').Append(version).Append(';');
        foreach (var field in StateKinds.FieldsOf(type).Where(field => field.DeclaringType == type))
        {
            _text.Append(field.Name).Append('#').Append(SerializedMembers.IdOf(field)).Append(':');
            Describe(field.FieldType, depth + 1);
        }
    }

    // A value is stored as its number: another name for it is another value.
    private void DescribeNames(Type type)
    {
        foreach (var name in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            _text.Append(name.Name).Append('=').Append(name.GetRawConstantValue()).Append(',');
    }

    private static IEnumerable<string> FoldedBy(Type type) => type
        .GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(static method => method.Name == "Apply")
        .Select(static method => string.Join('+', method.GetParameters().Select(static one => one.ParameterType)))
        .Order(StringComparer.Ordinal);
}
