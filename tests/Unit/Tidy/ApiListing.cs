using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Granary.Tests.Unit.Tidy;

/// <summary>
/// Lists what an assembly offers to others, one line a type or member, in an order that does not change.
/// </summary>
internal static class ApiListing
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // What the compiler writes for every record says nothing about it.
    private static readonly string[] Synthesized =
        ["Equals", "GetHashCode", "ToString", "PrintMembers", "Deconstruct", "<Clone>$",
            "op_Equality", "op_Inequality"];

    /// <summary>The listing, with a line feed behind every line.</summary>
    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in OurAssemblies.PublicTypes(assembly))
        {
            text.Append(Head(type)).Append('\n');
            foreach (var line in Members(type).Distinct().Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces()
            .Where(candidate => candidate.IsPublic && !inherited.Contains(candidate) && !type.IsEnum)
            .Select(Name)
            .Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !type.IsEnum)
            bases = bases.Prepend(Name(parent)).Order(StringComparer.Ordinal);

        var list = string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}" + (list.Length == 0 ? "" : " : " + list);
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Enum.Format(type, Enum.Parse(type, name), "d")}");

        return type.GetMembers(Declared)
            .Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .Select(Line)
            .OfType<string>();
    }

    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo made when IsOffered(made) => $"{Access(made)}new({Parameters(made)})",
        MethodInfo { IsSpecialName: false } method when IsOffered(method) && !Synthesized.Contains(method.Name) =>
            $"{Access(method)}{Name(method.ReturnType)} {Name(method)}({Parameters(method)})",
        MethodInfo { IsSpecialName: true } method when method.Name.StartsWith("op_", StringComparison.Ordinal)
            && !Synthesized.Contains(method.Name) =>
            $"static {Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        PropertyInfo property when property.GetMethod is { } get && IsOffered(get) =>
            $"{Access(get)}{Name(property.PropertyType)} {property.Name} {{ get;{Setter(property)} }}",
        FieldInfo { IsPublic: true } field => (field.IsStatic ? "static " : "")
            + $"{Name(field.FieldType)} {field.Name}"
            + (field.IsLiteral ? $" = {field.GetRawConstantValue()}" : ""),
        EventInfo { AddMethod: { } add } happening when IsOffered(add) =>
            $"event {Name(happening.EventHandlerType!)} {happening.Name}",
        _ => null,
    };

    private static bool IsOffered(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Access(MethodBase method)
    {
        var access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic) return access + "static ";
        if (method.DeclaringType!.IsInterface || !method.IsVirtual || method.IsFinal) return access;
        return access + (method.IsAbstract ? "abstract " : "virtual ");
    }

    private static string Setter(PropertyInfo property)
    {
        if (property.SetMethod is not { } set || !IsOffered(set)) return "";
        return set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(
        parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? "?" : "")}"));

    private static string Name(MethodInfo method) => method.IsGenericMethod
        ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
        : method.Name;

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!) + "&";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner) return Name(inner) + "?";
        var name = type.IsNested && !type.IsGenericParameter ? Name(type.DeclaringType!) + "." + type.Name : type.Name;
        if (!type.IsGenericType) return name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        var arguments = string.Join(", ", type.GetGenericArguments().Select(Name));
        return tick < 0 ? name : $"{name[..tick]}<{arguments}>";
    }
}
